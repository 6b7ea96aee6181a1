//! Random operations, as any client or dispatcher might send them at any time.

use acd_core::{
    agent::{AgentChange, NewAgent, Presence, PresenceChange},
    center::CenterSettings,
    contact::{EndContact, NewContact},
    ids::{AgentId, CenterId, ContactId},
    skill::{Skill, Skills},
};
use acd_store::{Store, StoreError};
use proptest::{collection::vec, prelude::*, sample::select};

/// Few names, so that operations meet.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    CreateContact { id: u8, skills: Skills, priority: i32 },
    EndContact { id: u8, how: EndContact },
    Requeue { id: u8 },
    CreateAgent { id: u8, skills: Skills },
    DeleteAgent { id: u8, force: bool },
    SetPresence { id: u8, presence: Presence },
    SetPresenceOfAll { presence: Presence },
    SetSkills { id: u8, skills: Skills },
    AddSkill { id: u8, skill: Skill },
    RemoveSkill { id: u8, skill: Skill },
    RemoveSkillEverywhere { skill: Skill },
    PutCenter { open: bool, max_waiting: u32 },
    Dispatch { budget: u32 },
}

fn skill() -> impl Strategy<Value = Skill> {
    // One that sorts after '+', one before, one outside ASCII: the order must be bytewise everywhere.
    select(vec!["a", "a b", "Z", "ä"]).prop_map(|text| text.parse().unwrap())
}

fn skills() -> impl Strategy<Value = Skills> {
    vec(skill(), 0..4).prop_map(|list| list.try_into().unwrap())
}

fn presence() -> impl Strategy<Value = Presence> {
    prop_oneof![
        6 => Just(Presence::Ready),
        1 => Just(Presence::NotReady),
        1 => Just(Presence::Offline),
    ]
}

fn ending() -> impl Strategy<Value = EndContact> {
    select(vec![
        EndContact::Complete,
        EndContact::Complete,
        EndContact::Cancel,
        EndContact::Abandon,
        EndContact::Finish,
    ])
}

pub(crate) fn operation() -> impl Strategy<Value = Operation> {
    use Operation as O;
    let (contact, agent) = (|| 0..16_u8, || 0..5_u8);
    prop_oneof![
        8 => (contact(), skills(), -1..2_i32).prop_map(|(id, skills, priority)| O::CreateContact { id, skills, priority }),
        6 => (contact(), ending()).prop_map(|(id, how)| O::EndContact { id, how }),
        2 => contact().prop_map(|id| O::Requeue { id }),
        4 => (agent(), skills()).prop_map(|(id, skills)| O::CreateAgent { id, skills }),
        1 => (agent(), any::<bool>()).prop_map(|(id, force)| O::DeleteAgent { id, force }),
        6 => (agent(), presence()).prop_map(|(id, presence)| O::SetPresence { id, presence }),
        1 => presence().prop_map(|presence| O::SetPresenceOfAll { presence }),
        1 => (agent(), skills()).prop_map(|(id, skills)| O::SetSkills { id, skills }),
        1 => (agent(), skill()).prop_map(|(id, skill)| O::AddSkill { id, skill }),
        1 => (agent(), skill()).prop_map(|(id, skill)| O::RemoveSkill { id, skill }),
        1 => skill().prop_map(|skill| O::RemoveSkillEverywhere { skill }),
        1 => (prop::bool::weighted(0.8), select(vec![0_u32, 0, 3])).prop_map(|(open, max_waiting)| O::PutCenter { open, max_waiting }),
        8 => (1..4_u32).prop_map(|budget| O::Dispatch { budget }),
    ]
}

pub(crate) fn contact_id(n: u8) -> ContactId {
    format!("c{n:02}").parse().unwrap()
}

pub(crate) fn agent_id(n: u8) -> AgentId {
    format!("a{n}").parse().unwrap()
}

impl Operation {
    /// Sends it. A refusal is an answer like any other; a fault is not.
    pub(crate) async fn send(self, store: &Store, center: &CenterId) -> Result<(), StoreError> {
        use Operation as O;
        let answer = match self {
            O::CreateContact { id, skills, priority } => {
                let new = NewContact { id: contact_id(id), skills, priority, attributes: None };
                store.create_contact(center, &new).await.map(drop)
            }
            O::EndContact { id, how } => {
                store.end_contact(center, &contact_id(id), how).await.map(drop)
            }
            O::Requeue { id } => {
                store.requeue_contact(center, &contact_id(id), None).await.map(drop)
            }
            O::CreateAgent { id, skills } => {
                let (first_name, last_name) = ("Grace".into(), "Hopper".into());
                let presence = Presence::Offline;
                let new = NewAgent {
                    id: agent_id(id),
                    first_name,
                    last_name,
                    skills,
                    attributes: None,
                    presence,
                };
                store.create_agent(center, &new).await.map(drop)
            }
            O::DeleteAgent { id, force } => store.delete_agent(center, &agent_id(id), force).await,
            O::SetPresence { id, presence } => {
                store.set_presence(center, &agent_id(id), &change(presence)).await.map(drop)
            }
            O::SetPresenceOfAll { presence } => {
                store.set_presence_of_all(center, &change(presence)).await.map(drop)
            }
            O::SetSkills { id, skills } => {
                let change = AgentChange { skills: Some(skills), ..AgentChange::default() };
                store.update_agent(center, &agent_id(id), &change).await.map(drop)
            }
            O::AddSkill { id, skill } => {
                store.add_skill(center, &agent_id(id), &skill).await.map(drop)
            }
            O::RemoveSkill { id, skill } => {
                store.remove_skill(center, &agent_id(id), &skill).await.map(drop)
            }
            O::RemoveSkillEverywhere { skill } => {
                store.remove_skill_everywhere(center, &skill).await.map(drop)
            }
            O::PutCenter { open, max_waiting } => {
                let (open, max_waiting) = (Some(open), Some(max_waiting));
                store
                    .put_center(center, &CenterSettings { open, max_waiting, ..Default::default() })
                    .await
                    .map(drop)
            }
            O::Dispatch { budget } => {
                store.dispatch(store.partition_of(center), budget).await.map(drop)
            }
        };
        match answer {
            Err(StoreError::Refused(_)) => Ok(()),
            other => other,
        }
    }
}

fn change(presence: Presence) -> PresenceChange {
    let reason = (presence == Presence::NotReady).then(|| "meal".parse().unwrap());
    PresenceChange { presence, reason }
}
