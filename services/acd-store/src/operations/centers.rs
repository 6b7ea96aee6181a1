//! Operations on centers.

use std::collections::HashMap;

use acd_core::{
    center::{Center, CenterSettings},
    ids::CenterId,
    page::Page,
    time::Timestamp,
};

use crate::{
    Result, Store, StoreError, Stored,
    call::{keys, scripts},
    error::Refusal,
};

impl Store {
    /// Creates a center, or changes settings of one that is there. A repeat changes nothing.
    pub async fn put_center(
        &self,
        id: &CenterId,
        settings: &CenterSettings,
    ) -> Result<Stored<Center>> {
        let number = |value: Option<u32>| value.map(|v| v.to_string()).unwrap_or_default();
        let (created, fields): (bool, HashMap<String, String>) = self
            .call(
                &scripts::PUT_CENTER,
                id,
                &[
                    &number(settings.open.map(u32::from)),
                    &number(settings.max_waiting),
                    &number(settings.service_level_s),
                    &number(settings.short_abandon_s),
                    &number(settings.retention_s),
                ],
            )
            .await?;
        Ok(Stored { value: center(id, &fields)?, created })
    }

    /// Reads a center.
    pub async fn center(&self, id: &CenterId) -> Result<Center> {
        let mut cmd = redis::cmd("HGETALL");
        cmd.arg(keys::config(self.partition_of(id), id));
        let fields: HashMap<String, String> =
            self.read("read_center", self.partition_of(id), &cmd).await?;
        if fields.is_empty() { Err(Refusal::NoSuchCenter.into()) } else { center(id, &fields) }
    }

    /// Lists centers in the order of their names, from after `cursor` on.
    pub async fn centers(&self, cursor: Option<&str>, limit: usize) -> Result<Page<Center>> {
        let mut ids: Vec<CenterId> = Vec::new();
        for partition in 0..self.partitions() {
            let mut cmd = redis::cmd("SMEMBERS");
            cmd.arg(keys::centers(partition));
            let names: Vec<String> = self.read("list_centers", partition, &cmd).await?;
            ids.extend(names.iter().filter_map(|name| name.parse().ok()));
        }
        ids.sort_unstable();
        ids.retain(|id| cursor.is_none_or(|after| id.as_str() > after));
        let next = (ids.len() > limit).then(|| ids[limit - 1].to_string());
        let mut items = Vec::new();
        for id in ids.iter().take(limit) {
            items.push(self.center(id).await?);
        }
        Ok(Page { items, next })
    }
}

/// A center from its settings.
pub(crate) fn center(id: &CenterId, fields: &HashMap<String, String>) -> Result<Center> {
    let number = |name: &str| {
        let value = fields.get(name).and_then(|text| text.parse::<i64>().ok());
        value
            .ok_or_else(|| StoreError::broken(format!("center {id}: setting {name} can't be read")))
    };
    let small =
        |name: &str| number(name).and_then(|n| u32::try_from(n).map_err(StoreError::broken));
    Ok(Center {
        id: id.clone(),
        open: number("open")? == 1,
        max_waiting: small("max_waiting")?,
        service_level_s: small("service_level_s")?,
        short_abandon_s: small("short_abandon_s")?,
        retention_s: small("retention_s")?,
        created_at: Timestamp::from_ms(number("created_at_ms")?),
    })
}
