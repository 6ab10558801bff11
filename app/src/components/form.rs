//! The parts of forms: a summary of what is wrong, and fields with their label, hint and error.

use leptos::prelude::*;

use crate::form::FormState;

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
                <p>"This was not taken yet:"</p>
                <ul>{lines.collect_view()}</ul>
            </div>
        }
    })
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
    let FieldKind {
        name,
        label,
        kind,
        autocomplete,
        hint,
        max,
    } = kind;
    let error = state.error(name);
    let hint_id = format!("{name}-hint");
    let error_id = format!("{name}-error");
    let described_by = [
        (!hint.is_empty()).then_some(hint_id.as_str()),
        error.is_some().then_some(error_id.as_str()),
    ];
    let described_by: Vec<&str> = described_by.into_iter().flatten().collect();
    let described_by = (!described_by.is_empty()).then(|| described_by.join(" "));
    let value = match kind {
        "password" => None,
        _ => Some(state.value(name)),
    };
    // Names are in any script; handles are not. Browsers leave the others alone by themselves.
    let is_name = name == "name";
    let is_code = autocomplete == "one-time-code";
    let is_handle = kind == "text" && !is_name;
    view! {
        <div class="field">
            <label for=name>{label}</label>
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id>{hint}</p> })}
            <input
                id=name
                name=name
                type=kind
                autocomplete=autocomplete
                maxlength=max.to_string()
                value=value
                required
                inputmode=is_code.then_some("numeric")
                dir=is_name.then_some("auto")
                autocapitalize=is_handle.then_some("none")
                spellcheck=is_handle.then_some("false")
                aria-describedby=described_by
                aria-invalid=error.is_some().then_some("true")
            />
            {error.map(|why| view! { <p class="field-error" id=error_id>{why}</p> })}
        </div>
    }
}
