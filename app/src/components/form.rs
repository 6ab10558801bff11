//! The parts of forms: a summary of what is wrong, and fields with their label, hint and error.

use domain::{Email, FieldRule, Handle, NewPassword};
use leptos::prelude::*;

use crate::form::FormState;
use crate::html::escaped;

/// The sentences about what is wrong with a form that was sent: they are read first.
#[component]
pub(crate) fn FormErrors(state: FormState) -> impl IntoView {
    let sentences = state.sentences();
    (!sentences.is_empty()).then(|| {
        // One about the whole form leads nowhere.
        let lines = sentences.into_iter().map(|(field, why)| {
            let href = field.map(|field| format!("#{field}"));
            view! { <li><a href=href>{why}</a></li> }
        });
        view! {
            <div class="form-errors" role="alert">
                <p>"That did not work:"</p>
                <ul>{lines.collect_view()}</ul>
            </div>
        }
    })
}

/// The most UTF-16 units, which HTML counts, of a text in any script that may have so many characters. The server counts these.
pub(crate) const fn max_units(characters: usize) -> usize {
    2 * characters
}

/// The facts about a field that its form declares.
#[derive(Clone, Copy)]
pub(crate) struct FieldKind {
    /// The name, which is its id too.
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    /// The type of the input.
    pub(crate) kind: &'static str,
    /// The token by which browsers and password managers know it (HTML, "autofill").
    pub(crate) autocomplete: &'static str,
    /// The rules, which are said before something is typed.
    pub(crate) hint: &'static str,
    /// The most characters.
    pub(crate) max: usize,
}

impl FieldKind {
    /// The rule that the browser holds by itself, of the type that the server asks afterwards.
    fn rule(&self) -> Option<FieldRule> {
        match (self.name, self.autocomplete) {
            ("handle", _) => Some(Handle::RULE),
            ("email", _) => Some(Email::RULE),
            (_, "new-password") => Some(NewPassword::RULE),
            _ => None,
        }
    }

    /// True for text in any script; not for what has signs of its own, as handles, addresses and codes have.
    fn is_free_text(&self) -> bool {
        self.kind == "text" && !["handle", "login", "code"].contains(&self.name)
    }
}

/// The fields of a form.
#[component]
pub(crate) fn Fields(kinds: &'static [FieldKind], state: FormState) -> impl IntoView {
    let fields = kinds
        .iter()
        .map(|kind| view! { <Field kind=*kind state=state.clone()/> });
    fields.collect_view()
}

/// A field with its label, its rules, and what is wrong with what was typed.
#[component]
fn Field(kind: FieldKind, state: FormState) -> impl IntoView {
    let (rule, is_free_text) = (kind.rule(), kind.is_free_text());
    let FieldKind {
        name,
        label,
        kind,
        autocomplete,
        hint,
        max,
    } = kind;
    let error = state.error(name);
    let described_by = described_by(name, !hint.is_empty() || rule.is_some(), error.is_some());
    let value = match kind {
        "password" => None,
        _ => Some(state.value(name)),
    };
    let max = if is_free_text { max_units(max) } else { max };
    let is_code = autocomplete == "one-time-code";
    // Browsers leave the types of their own alone by themselves.
    let is_handle = kind == "text" && !is_free_text;
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <Hint name hint rule/>
            <input
                id=name
                name=name
                type=kind
                autocomplete=autocomplete
                minlength=rule.filter(|rule| rule.min > 0).map(|rule| rule.min.to_string())
                maxlength=max.to_string()
                pattern=rule.and_then(|rule| rule.pattern)
                title=rule.map(|rule| rule.sentence)
                value=value
                required
                inputmode=is_code.then_some("numeric")
                dir=is_free_text.then_some("auto")
                autocapitalize=is_handle.then_some("none")
                spellcheck=is_handle.then_some("false")
                aria-describedby=described_by
                aria-invalid=error.is_some().then_some("true")
            />
            <FieldError name error/>
        </div>
    }
}

/// The rules of a field. The one that the browser holds is marked when the field is left and does not keep to it.
#[component]
fn Hint(name: &'static str, hint: &'static str, rule: Option<FieldRule>) -> impl IntoView {
    let rule = rule.map(|rule| rule.sentence);
    (!hint.is_empty() || rule.is_some()).then(|| {
        let rule = rule.map(|rule| view! { <span class="rule">{rule}</span> });
        let between = (rule.is_some() && !hint.is_empty()).then_some(" ");
        view! { <p class="hint" id=format!("{name}-hint")>{rule}{between}{hint}</p> }
    })
}

/// The sentence about what was typed into a field.
#[component]
pub(crate) fn FieldError(#[prop(into)] name: String, error: Option<String>) -> impl IntoView {
    error.map(|why| view! { <p class="field-error" id=format!("{name}-error")>{why}</p> })
}

/// The ids of what is said about a field.
fn described_by(name: &str, has_hint: bool, has_error: bool) -> Option<String> {
    match (has_hint, has_error) {
        (false, false) => None,
        (true, false) => Some(format!("{name}-hint")),
        (false, true) => Some(format!("{name}-error")),
        (true, true) => Some(format!("{name}-hint {name}-error")),
    }
}

/// A field that may be empty, of which a form has a number of its own.
#[component]
pub(crate) fn TextInput(
    name: String,
    label: String,
    kind: &'static str,
    max: usize,
    state: FormState,
) -> impl IntoView {
    let error = state.error(&name);
    let described_by = described_by(&name, false, error.is_some());
    let is_free_text = kind == "text";
    let max = if is_free_text { max_units(max) } else { max };
    view! {
        <div class="field">
            <label for=name.clone()>{label}</label>
            <input
                id=name.clone()
                name=name.clone()
                type=kind
                autocomplete="off"
                maxlength=max.to_string()
                value=state.value(&name)
                dir=is_free_text.then_some("auto")
                aria-describedby=described_by
                aria-invalid=error.is_some().then_some("true")
            />
            <FieldError name error/>
        </div>
    }
}

/// A field whose value is one of `choices`: each with its value and its label.
#[component]
pub(crate) fn Select(
    name: &'static str,
    label: &'static str,
    #[prop(optional)] hint: &'static str,
    choices: Vec<(String, String)>,
    chosen: String,
    state: FormState,
) -> impl IntoView {
    let error = state.error(name);
    let described_by = described_by(name, !hint.is_empty(), error.is_some());
    let option = |(value, label): (String, String)| {
        let is_chosen = value == chosen;
        view! { <option value=value selected=is_chosen>{label}</option> }
    };
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <Hint name hint rule=None/>
            <select
                id=name
                name=name
                autocomplete="off"
                aria-describedby=described_by
                aria-invalid=error.is_some().then_some("true")
            >
                {choices.into_iter().map(option).collect_view()}
            </select>
            <FieldError name error/>
        </div>
    }
}

/// A field for a text of several lines.
#[component]
pub(crate) fn TextArea(
    kind: FieldKind,
    state: FormState,
    #[prop(optional)] is_required: bool,
) -> impl IntoView {
    let FieldKind {
        name,
        label,
        hint,
        max,
        ..
    } = kind;
    let error = state.error(name);
    let described_by = described_by(name, !hint.is_empty(), error.is_some());
    // Leptos writes the text of this element as it is.
    let text = escaped(&state.value(name));
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <Hint name hint rule=None/>
            <textarea
                id=name
                name=name
                rows="5"
                maxlength=max_units(max).to_string()
                required=is_required
                dir="auto"
                aria-describedby=described_by
                aria-invalid=error.is_some().then_some("true")
            >{text}</textarea>
            <FieldError name error/>
        </div>
    }
}
