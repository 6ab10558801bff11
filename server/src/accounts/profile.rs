//! `POST /settings/profile`: name, short text and links, as readers see them. Two of its buttons store nothing: a preview, and another
//! order of the links.
//!
//! The form brings the time of the account's last change when it was opened. Of two forms that were open at once, the one that comes
//! second is shown again, with both states.

use std::time::Duration;

use accounts::policy::{Action, Relation};
use app::context::RequestContext;
use app::form::FormState;
use app::visitor::Limit;
use app::{AppError, Problem};
use axum::Extension;
use axum::response::Response;
use db::queries::accounts::{self as stored, NewProfile};
use db::queries::profile_links::{LinkRow, MAX_LINKS};
use db::schema::tables::ProfileLink;
use domain::{Bio, DisplayName, LinkId, Timestamp, UserId};

use super::guard::permitted;
use super::visit::{Taken, answered, count_key, count_write, go_on, search_words};
use super::web_address;
use crate::fields::Fields;

const PATH: &str = "/settings/profile";
const DONE: &str = "/settings?changed=profile";
/// The least time between two changes of an account, so that each has a time of its own.
const TICK: Duration = Duration::from_millis(1);
/// The sentence about a profile that was changed since its form was opened.
const CHANGED: &str = "Your profile was changed elsewhere while this form was open, and so nothing was saved. Below is what is stored; what you \
                       typed is in the form. Save again to replace what is stored.";

pub(crate) async fn save(
    Extension(context): Extension<RequestContext>,
    fields: Fields,
) -> Response {
    let outcome = try_save(&context, &fields).await;
    answered(&context, PATH, &fields, outcome).await
}

async fn try_save(context: &RequestContext, fields: &Fields) -> Result<Taken, AppError> {
    let session = match permitted(context, Action::EditProfile, Relation::Own, fields).await? {
        Ok(session) => session,
        Err(response) => return Ok(Ok(response)),
    };
    let is_preview = !fields.get("preview").is_empty();
    let up = fields.get("up").parse::<usize>().ok();
    if is_preview || up.is_some() {
        // By themselves: who looks at a preview while typing can save then.
        let key = format!("unsaved profile {}", session.user_id);
        count_key(context, Limit::Write, &key).await?;
    } else {
        count_write(context, session.user_id).await?;
    }
    if let Some(row) = up {
        return Ok(Err(moved_up(fields, row)));
    }
    let typed = match Typed::parse(fields) {
        Ok(typed) => typed,
        Err(state) => return Ok(Err(state)),
    };
    if is_preview {
        return Ok(Err(typed.state(fields)));
    }
    let db = context.db()?;
    let (id, opened) = (session.user_id, opened(fields));
    let links = link_rows(id, typed.links.clone());
    let profile = NewProfile {
        name: typed.name.as_str(),
        bio: typed.bio.as_str(),
        search_text: &search_words(&session.handle, typed.name.as_str(), typed.bio.as_str()),
        links: &links,
    };
    let now = Timestamp::now().max(opened + TICK);
    if stored::set_profile(&db, id, profile, Some(opened), now).await? {
        return Ok(Ok(go_on(DONE, None)));
    }
    // A form that is sent twice has done what it was sent for.
    let present = stored::with_links(&db, id).await?;
    Ok(match present {
        Some((account, links)) if typed.is(&account, &links) => Ok(go_on(DONE, None)),
        _ => {
            let problem = Problem::new(409, "conflict", "This was changed meanwhile", CHANGED);
            Err(fields.state().failed(problem))
        }
    })
}

/// The time of the account's last change when the form was opened. A form that does not say it is as old as can be.
fn opened(fields: &Fields) -> Timestamp {
    let millis = fields.get("opened").parse::<u64>().ok();
    Timestamp::from_millis(millis.map_or(0, |millis| i64::try_from(millis).unwrap_or(0)))
}

/// The names of the fields of a link, the first one being 1.
fn link_fields(row: usize) -> [String; 2] {
    ["label", "url"].map(|field| format!("{field}-{row}"))
}

/// The form with one link before the one that it stood behind.
fn moved_up(fields: &Fields, row: usize) -> FormState {
    let mut state = fields.state();
    if (2..=MAX_LINKS).contains(&row) {
        let (this, before) = (link_fields(row), link_fields(row - 1));
        for (this, before) in this.iter().zip(&before) {
            state.set(this, fields.get(before));
            state.set(before, fields.get(this));
        }
    }
    state
}

/// The fields as the rules have them.
struct Typed {
    name: DisplayName,
    bio: Bio,
    links: Vec<LinkRow>,
}

impl Typed {
    fn parse(fields: &Fields) -> Result<Self, FormState> {
        let mut state = fields.state();
        let name = DisplayName::parse(fields.get("name"));
        let name = name.map_err(|why| state.refuse("name", why.0)).ok();
        let bio = Bio::parse(fields.get("bio"));
        let bio = bio.map_err(|why| state.refuse("bio", why.0)).ok();
        let links = (1..=MAX_LINKS).filter_map(|row| link(fields, row, &mut state));
        let links: Vec<Option<LinkRow>> = links.collect();
        match (name, bio, links.into_iter().collect()) {
            (Some(name), Some(bio), Some(links)) => Ok(Self { name, bio, links }),
            _ => Err(state),
        }
    }

    /// The form with the fields as they would be stored.
    fn state(&self, fields: &Fields) -> FormState {
        let mut state = fields.state();
        state.set("name", self.name.as_str());
        state.set("bio", self.bio.as_str());
        let mut links = self.links.iter();
        for row in 1..=MAX_LINKS {
            let link = links.next();
            let values = link.map_or(["", ""], |link| [&link.label, &link.url]);
            for (field, value) in link_fields(row).iter().zip(values) {
                state.set(field, value);
            }
        }
        state
    }

    /// True if this is what is stored.
    fn is(&self, account: &stored::Account, links: &[LinkRow]) -> bool {
        account.name == self.name.as_str()
            && account.bio == self.bio.as_str()
            && links == self.links
    }
}

/// A link of the form: none where nothing is typed, and none inside where something is wrong with it.
fn link(fields: &Fields, row: usize, state: &mut FormState) -> Option<Option<LinkRow>> {
    let [label_field, url_field] = link_fields(row);
    let (label, url) = (fields.get(&label_field), fields.get(&url_field));
    if label.trim().is_empty() && url.trim().is_empty() {
        return None;
    }
    let mistakes = match profile_link(label, url) {
        Ok(link) => return Some(Some(link)),
        Err(mistakes) => mistakes,
    };
    for (field, why) in [(label_field, mistakes.label), (url_field, mistakes.url)] {
        if let Some(why) = why {
            state.refuse(&field, why);
        }
    }
    Some(None)
}

/// The sentences about a link that cannot be stored.
pub(crate) struct LinkMistakes {
    pub(crate) label: Option<&'static str>,
    pub(crate) url: Option<&'static str>,
}

/// A link of a profile as it is stored. Without words, it is named by its host.
pub(crate) fn profile_link(label: &str, url: &str) -> Result<LinkRow, LinkMistakes> {
    let label = match label.trim() {
        "" => Ok(None),
        label => DisplayName::parse(label).map(|label| Some(String::from(label))),
    };
    match (label, web_address::parse(url.trim())) {
        (Ok(label), Ok(url)) => Ok(LinkRow {
            label: label.unwrap_or_else(|| url.host_str().unwrap_or_default().to_owned()),
            url: url.into(),
        }),
        (label, url) => Err(LinkMistakes {
            label: label.err().map(|why| why.0),
            url: url.err(),
        }),
    }
}

/// The rows of a user's links, in their order.
pub(crate) fn link_rows(user_id: UserId, links: Vec<LinkRow>) -> Vec<ProfileLink> {
    let row = |(LinkRow { label, url }, position)| ProfileLink {
        id: LinkId::new(),
        user_id,
        position,
        label,
        url,
    };
    links.into_iter().zip(0..).map(row).collect()
}
