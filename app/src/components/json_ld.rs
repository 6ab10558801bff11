//! JSON-LD: what a page says of itself in schema.org's vocabulary.

use serde::Serialize;
use serde_json::{Value, json};

use crate::site;

/// The site as the publisher of its pages.
pub(crate) fn of_site(origin: &str) -> Value {
    json!({
        "@type": "Organization", "name": site::NAME, "url": format!("{origin}/"),
        "logo": { "@type": "ImageObject", "url": format!("{origin}/apple-touch-icon.png"), "width": 180, "height": 180 },
    })
}

/// The picture of a page that has no picture of its own.
pub(crate) fn image(origin: &str) -> Value {
    let picture = site::SHARE_IMAGE;
    json!({
        "@type": "ImageObject", "url": format!("{origin}{}", picture.path),
        "width": picture.width, "height": picture.height,
    })
}

/// JSON that no `</script>` or `<!--` inside can end early.
pub(crate) fn in_html(data: &impl Serialize) -> String {
    let json = serde_json::to_string(data).expect("a value of text, lists and maps is JSON");
    json.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_cannot_leave_its_element() {
        let data = serde_json::json!({ "name": "</script><script>alert(1)</script>" });
        let text = in_html(&data);
        assert!(!text.contains('<'));
        assert_eq!(
            serde_json::from_str::<Value>(&text).expect("still JSON"),
            data
        );
    }
}
