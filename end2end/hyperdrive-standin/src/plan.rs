//! The plan: how replies are cut, and what goes wrong, when and how often.
//! Absent: doing it; see `line`.

use serde::{Deserialize, Serialize};

/// How the stand-in misbehaves until the next plan. The default behaves well.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plan {
    /// Where replies are cut into separate writes.
    pub split: Option<Split>,
    /// Collect replies while more questions have come, and send them as one.
    pub merge: bool,
    /// Milliseconds that a reply takes, counted from when its question came.
    pub delay_ms: u64,
    /// What goes wrong.
    pub fault: Option<Fault>,
}

/// Where replies are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Split {
    /// By name.
    Named(Cut),
    /// Every so many bytes; 0 is taken as 1.
    Every(usize),
}

/// The cuts that have a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// After every byte.
    Bytes,
    /// At the ends of packets, a byte before them, a byte after them, and both: one way a reply, in turn.
    Boundaries,
}

/// One thing that goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What happens.
    pub kind: FaultKind,
    /// When.
    pub at: Moment,
    /// The first such moment, counted from 1 since the plan was made, at which it happens.
    #[serde(default = "one")]
    pub nth: u64,
    /// How many such moments in a row it happens at; 0 for all that follow.
    #[serde(default = "one")]
    pub times: u64,
    /// Only moments of a statement whose text contains this, in whatever case, are counted.
    #[serde(default)]
    pub statement: Option<String>,
}

const fn one() -> u64 {
    1
}

/// What goes wrong. Each ends the connection, at the latest when the client leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The connection is closed in order.
    Drop,
    /// Nothing more is sent, and the connection stays open.
    Stall,
    /// Bytes without meaning are sent, then nothing; the connection stays open.
    Garbage,
    /// Half of the next packet is sent, then the connection is closed in order.
    HalfPacket,
    /// The connection is reset.
    Reset,
    /// The server says that it shuts down, and closes.
    ErrorFatal,
    /// The pool has no connection (58000), and closes.
    NoConnection,
}

/// When something goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// A client has connected, and nothing was read or sent.
    Connect,
    /// The client has answered the challenge, and was not told whether it may enter.
    Auth,
    /// A question has come whole, and the database knows nothing of it.
    BeforeQuery,
    /// The database has done what was asked, and the client has heard nothing.
    AfterQueryBeforeReply,
    /// The client has heard about half of the reply.
    MidReply,
    /// A COMMIT, or a write outside a transaction, has come, and the database knows nothing of it.
    BeforeCommit,
    /// The database has done that COMMIT or write, and the client has heard nothing.
    AfterCommitBeforeReply,
}

/// The plan and how many of its moments have passed.
#[derive(Debug, Default)]
pub(crate) struct Plans {
    plan: Plan,
    passed: u64,
}

impl Plans {
    pub(crate) fn set(&mut self, plan: Plan) {
        *self = Self { plan, passed: 0 };
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// A moment has come: says what goes wrong now.
    pub(crate) fn arrive(&mut self, moment: Moment, statement: &str) -> Option<FaultKind> {
        let fault = self.plan.fault.as_ref()?;
        let is_meant = fault.at == moment
            && fault.statement.as_deref().is_none_or(|part| {
                statement
                    .to_ascii_lowercase()
                    .contains(&part.to_ascii_lowercase())
            });
        if !is_meant {
            return None;
        }
        self.passed += 1;
        let first = fault.nth.max(1);
        let is_due =
            self.passed >= first && (fault.times == 0 || self.passed - first < fault.times);
        is_due.then_some(fault.kind)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn plans(text: &str) -> Plans {
        let mut plans = Plans::default();
        plans.set(serde_json::from_str(text).unwrap());
        plans
    }

    #[test]
    fn a_plan_is_read_as_documented() {
        let plan: Plan = serde_json::from_str(
            r#"{"split":"boundaries","merge":true,"delay_ms":20,"fault":{"kind":"half_packet","at":"mid_reply"}}"#,
        )
        .unwrap();
        assert_eq!(plan.split, Some(Split::Named(Cut::Boundaries)));
        assert_eq!((plan.merge, plan.delay_ms), (true, 20));
        let fault = plan.fault.unwrap();
        assert_eq!((fault.nth, fault.times), (1, 1));
        assert!(
            serde_json::from_str::<Plan>(r#"{"split":7}"#)
                .unwrap()
                .split
                == Some(Split::Every(7))
        );
        assert!(serde_json::from_str::<Plan>(r#"{"splits":7}"#).is_err());
        assert!(serde_json::from_str::<Plan>(r#"{"split":"words"}"#).is_err());
    }

    #[test]
    fn a_fault_counts_its_own_moments() {
        let mut plans = plans(
            r#"{"fault":{"kind":"drop","at":"before_query","nth":2,"times":2,"statement":"insert"}}"#,
        );
        let mut at = |moment, text| plans.arrive(moment, text).is_some();
        assert!(!at(Moment::BeforeQuery, "INSERT 1"));
        assert!(!at(Moment::BeforeQuery, "SELECT"));
        assert!(!at(Moment::MidReply, "INSERT"));
        assert!(at(Moment::BeforeQuery, "INSERT 2"));
        assert!(at(Moment::BeforeQuery, "insert 3"));
        assert!(!at(Moment::BeforeQuery, "INSERT 4"));
    }

    #[test]
    fn a_fault_without_end_goes_on() {
        let mut plans = plans(r#"{"fault":{"kind":"drop","at":"connect","nth":2,"times":0}}"#);
        let seen: Vec<_> = (0..4)
            .map(|_| plans.arrive(Moment::Connect, "").is_some())
            .collect();
        assert_eq!(seen, [false, true, true, true]);
    }
}
