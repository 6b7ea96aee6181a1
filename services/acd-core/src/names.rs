//! Enums whose variants have a fixed name in JSON, in Redis and in the documentation.

/// Why a text is not one of an enum's names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no {of}")]
pub struct UnknownName {
    /// The enum.
    pub of: &'static str,
    /// The text.
    pub text: String,
}

/// Defines an enum by its variants and their names, which serde, `as_str` and `FromStr` use.
///
/// utoipa does not see a name that a macro passes on: an enum that the API describes says
/// `rename_all`, too, and a test holds both against each other.
macro_rules! names {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $text:literal),+ $(,)?
        }
    ) => {
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, utoipa::ToSchema,
        )]
        $(#[$meta])*
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Every variant, in the order of their definition.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::names::UnknownName;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::names::UnknownName {
                        of: stringify!($name),
                        text: text.to_owned(),
                    }),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use names;

#[cfg(test)]
mod tests {
    use utoipa::PartialSchema;

    use crate::{
        agent::{Presence, Work},
        contact::{ContactState, RejectionReason},
        event::EventKind,
    };

    #[test]
    fn a_name_is_the_same_as_text_and_as_json_and_reads_back() {
        macro_rules! check {
            ($($name:ident),+) => {
                $(for value in $name::ALL {
                    assert_eq!(serde_json::to_value(value).unwrap(), value.as_str());
                    assert_eq!(value.as_str().parse::<$name>().as_ref(), Ok(value));
                    assert_eq!(value.to_string(), value.as_str());
                }
                assert!("Queued".parse::<$name>().is_err());)+
            };
        }
        macro_rules! described {
            ($($name:ident),+) => {
                $(let names: Vec<&str> = $name::ALL.iter().map(|value| value.as_str()).collect();
                let schema = serde_json::to_value($name::schema()).unwrap();
                assert_eq!(schema["enum"], serde_json::json!(names));)+
            };
        }
        described!(Presence, Work, ContactState, RejectionReason);
        check!(Presence, Work, ContactState, RejectionReason, EventKind);
        let error = "gone".parse::<Presence>().unwrap_err();
        assert_eq!(error.to_string(), "\"gone\" is no Presence");
    }
}
