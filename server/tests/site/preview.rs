//! The buttons of a profile's form that store nothing: a preview, and another order of the links.

use app::assets::PREVIEW_JS;
use db::Value;
use http::StatusCode;

use crate::accounts::{ADA, cell, empty, page, sign_up};
use crate::profile::{PATH, links, save};

#[tokio::test]
async fn a_preview_and_another_order_store_nothing() {
    let world = empty().await;
    let ada = sign_up(&world, &ADA).await;
    let fields = [
        ("name", " Ada  King "),
        ("bio", "<b>Bold</b>\r\n</textarea><script>alert(1)</script>"),
        ("label-1", "One"),
        ("url-1", "https://one.example"),
        ("label-3", "Two"),
        ("url-3", "https://two.example"),
    ];
    let with = |extra| {
        let mut fields = fields.to_vec();
        fields.push(extra);
        fields
    };
    let preview = save(&world, &ada, &with(("preview", "1"))).await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.body);
    assert_eq!(preview.header("cache-control"), "private, no-store");
    for text in [
        "<h2 id=\"preview\">Preview</h2>",
        "<p class=\"name\"><bdi>Ada King</bdi></p>",
        "<bdi>&lt;b&gt;Bold&lt;/b&gt; &lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt;</bdi>",
        "<a href=\"https://two.example/\" rel=\"me nofollow\">",
        "name=\"url-2\" type=\"url\" autocomplete=\"off\" maxlength=\"500\" value=\"https://two.example/\"",
        ">&lt;b&gt;Bold&lt;/b&gt; &lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt;</textarea>",
    ] {
        assert!(preview.body.contains(text), "{text}: {}", preview.body);
    }
    assert!(
        !preview.body.contains("What is stored now"),
        "{}",
        preview.body
    );
    // The script that makes it live, on this page alone, with the place that it fills and says so in.
    let script = format!("<script type=\"module\" src=\"{PREVIEW_JS}\"></script>");
    let form = page(&world, PATH, &ada).await.body;
    for text in [
        script.as_str(),
        "<div id=\"live-preview\"><p class=\"hint\" role=\"status\"></p></div>",
        "data-preview",
    ] {
        assert!(form.contains(text), "{text}: {form}");
    }
    for other in ["/settings", "/settings/handle"] {
        let other = page(&world, other, &ada).await.body;
        assert!(!other.contains(PREVIEW_JS), "{other}");
    }
    // A preview of what is not right says so, and shows none.
    let wrong = save(&world, &ada, &[("name", ""), ("preview", "1")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!wrong.body.contains("id=\"preview\""), "{}", wrong.body);

    let moved = save(&world, &ada, &with(("up", "3"))).await;
    assert_eq!(moved.status, StatusCode::OK, "{}", moved.body);
    for text in [
        "name=\"url-2\" type=\"url\" autocomplete=\"off\" maxlength=\"500\" value=\"https://two.example\"",
        "name=\"url-3\" type=\"url\" autocomplete=\"off\" maxlength=\"500\" value=\"\"",
    ] {
        assert!(moved.body.contains(text), "{text}: {}", moved.body);
    }
    // Nobody moves a row that there is not.
    for row in ["0", "1", "9", "18446744073709551615", "-1", "x"] {
        let answer = save(&world, &ada, &with(("up", row))).await;
        let expected = if row.parse::<usize>().is_ok() {
            200
        } else {
            303
        };
        assert_eq!(answer.status.as_u16(), expected, "{row}");
    }
}

#[tokio::test]
async fn nothing_is_stored_by_a_preview() {
    let world = empty().await;
    let ada = sign_up(&world, &ADA).await;
    for button in ["preview", "up"] {
        let fields = [
            ("name", "Other"),
            ("url-1", "https://a.example"),
            (button, "2"),
        ];
        let answer = save(&world, &ada, &fields).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    assert_eq!(links(&world).await, Value::Null);
    let name = cell(&world, "SELECT name FROM users").await;
    assert_eq!(name, Value::Text("Ada Lovelace".to_owned()));
}
