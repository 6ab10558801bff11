//! Fault plans: how responses are split and delayed, and which fault is injected, when and how often.
//! Absent: their execution; see `client_connection`.

use serde::{Deserialize, Serialize};

/// The misbehaviour of the stand-in until the next plan. The default plan has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultPlan {
    /// Splits responses into chunks that are written separately.
    pub split: Option<Split>,
    /// Collects responses while more requests are waiting, and sends them as one.
    pub merge: bool,
    /// Delay of a response in milliseconds, counted from the arrival of its request.
    pub delay_ms: u64,
    /// The fault to inject.
    pub fault: Option<Fault>,
}

/// A way to split responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Split {
    /// A split with a name.
    Named(NamedSplit),
    /// Chunks of this many bytes; 0 counts as 1.
    Every(usize),
}

/// A split with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NamedSplit {
    /// After every byte.
    Bytes,
    /// At packet boundaries, one byte before them, one byte after them, or both before and after: one of the four per
    /// response, in turn.
    Boundaries,
}

/// A fault to inject. It ends the connection, at the latest when the client disconnects.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The kind of fault.
    pub kind: FaultKind,
    /// The point of a connection at which it is injected.
    pub at: Trigger,
    /// The first occurrence of the trigger, counted from 1 since the plan was set, at which it is injected.
    #[serde(default = "one")]
    pub nth: u64,
    /// The number of successive occurrences at which it is injected; 0 for all that follow.
    #[serde(default = "one")]
    pub times: u64,
    /// Counts only occurrences for statements that contain this text, regardless of case.
    #[serde(default)]
    pub statement: Option<String>,
}

const fn one() -> u64 {
    1
}

/// The kind of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Closes the connection.
    Drop,
    /// Sends nothing more and keeps the connection open.
    Stall,
    /// Sends random bytes, then nothing more, and keeps the connection open.
    Garbage,
    /// Sends half of the next packet, then closes the connection.
    HalfPacket,
    /// Resets the connection.
    Reset,
    /// Sends the server's error for a shutdown, then closes the connection.
    ErrorFatal,
    /// Sends Hyperdrive's error for an exhausted pool (58000), then closes the connection.
    NoConnection,
}

/// The point of a connection at which a fault is injected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// A client has connected; nothing was read or sent.
    Connect,
    /// The client has sent its credentials; the result was not sent yet.
    Auth,
    /// A request was received; the database has not seen it.
    BeforeQuery,
    /// The database has run the request; nothing was sent to the client.
    AfterQueryBeforeReply,
    /// About half of the response was sent to the client.
    MidReply,
    /// A COMMIT, or a write outside a transaction, was received; the database has not seen it.
    BeforeCommit,
    /// The database has run that COMMIT or write; nothing was sent to the client.
    AfterCommitBeforeReply,
}

/// The current plan, and how often its trigger has occurred.
#[derive(Debug, Default)]
pub(crate) struct ActivePlan {
    plan: FaultPlan,
    occurrences: u64,
}

impl ActivePlan {
    pub(crate) fn set(&mut self, plan: FaultPlan) {
        *self = Self {
            plan,
            occurrences: 0,
        };
    }

    pub(crate) fn plan(&self) -> &FaultPlan {
        &self.plan
    }

    /// Records an occurrence of a trigger and returns the fault to inject, if any.
    pub(crate) fn trigger(&mut self, trigger: Trigger, statement: &str) -> Option<FaultKind> {
        let fault = self.plan.fault.as_ref()?;
        let matches = fault.at == trigger
            && fault.statement.as_deref().is_none_or(|part| {
                statement
                    .to_ascii_lowercase()
                    .contains(&part.to_ascii_lowercase())
            });
        if !matches {
            return None;
        }
        self.occurrences += 1;
        let first = fault.nth.max(1);
        let is_due = self.occurrences >= first
            && (fault.times == 0 || self.occurrences - first < fault.times);
        is_due.then_some(fault.kind)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn active_plan(text: &str) -> ActivePlan {
        let mut active = ActivePlan::default();
        active.set(serde_json::from_str(text).unwrap());
        active
    }

    #[test]
    fn a_plan_is_parsed_as_documented() {
        let plan: FaultPlan = serde_json::from_str(
            r#"{"split":"boundaries","merge":true,"delay_ms":20,"fault":{"kind":"half_packet","at":"mid_reply"}}"#,
        )
        .unwrap();
        assert_eq!(plan.split, Some(Split::Named(NamedSplit::Boundaries)));
        assert_eq!((plan.merge, plan.delay_ms), (true, 20));
        let fault = plan.fault.unwrap();
        assert_eq!((fault.nth, fault.times), (1, 1));
        assert!(
            serde_json::from_str::<FaultPlan>(r#"{"split":7}"#)
                .unwrap()
                .split
                == Some(Split::Every(7))
        );
        assert!(serde_json::from_str::<FaultPlan>(r#"{"splits":7}"#).is_err());
        assert!(serde_json::from_str::<FaultPlan>(r#"{"split":"words"}"#).is_err());
    }

    #[test]
    fn a_fault_counts_only_its_own_occurrences() {
        let mut active = active_plan(
            r#"{"fault":{"kind":"drop","at":"before_query","nth":2,"times":2,"statement":"insert"}}"#,
        );
        let mut fires = |trigger, text| active.trigger(trigger, text).is_some();
        assert!(!fires(Trigger::BeforeQuery, "INSERT 1"));
        assert!(!fires(Trigger::BeforeQuery, "SELECT"));
        assert!(!fires(Trigger::MidReply, "INSERT"));
        assert!(fires(Trigger::BeforeQuery, "INSERT 2"));
        assert!(fires(Trigger::BeforeQuery, "insert 3"));
        assert!(!fires(Trigger::BeforeQuery, "INSERT 4"));
    }

    #[test]
    fn a_fault_with_times_0_repeats_forever() {
        let mut active =
            active_plan(r#"{"fault":{"kind":"drop","at":"connect","nth":2,"times":0}}"#);
        let seen: Vec<_> = (0..4)
            .map(|_| active.trigger(Trigger::Connect, "").is_some())
            .collect();
        assert_eq!(seen, [false, true, true, true]);
    }
}
