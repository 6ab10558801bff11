#![expect(clippy::unwrap_used, reason = "tests")]
use super::*;

/// A place of this test's own, with a site in it.
fn place(name: &str) -> Place {
    let folder = std::env::temp_dir().join(format!("xtask-place-{name}-{}", std::process::id()));
    files::fresh(&folder).unwrap();
    let place = Place::inside(&folder);
    files::write(&place.site.join("page"), b"old").unwrap();
    place
}

fn page(place: &Place) -> Vec<u8> {
    files::read(&place.site.join("page")).unwrap()
}

/// What is in the folder, without the lock.
fn names(place: &Place) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(place.folder().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "site.lock")
        .collect();
    names.sort();
    names
}

fn end(place: &Place) {
    files::remove(place.folder().unwrap()).unwrap();
}

/// A way of making one folder the site.
type Exchange = fn(&Held<'_>, &Path) -> Result<()>;

#[test]
fn an_exchange_leaves_the_new_site_and_nothing_else() {
    let ways: [(&str, Exchange); 2] = [
        ("one", |held, next| held.exchange(next)),
        ("two", |held, next| held.exchange_in_two(next)),
    ];
    for (name, exchange) in ways {
        let place = place(name);
        let held = place.hold().unwrap();
        let next = held.next().unwrap();
        files::write(&next.join("page"), b"new").unwrap();
        exchange(&held, &next).unwrap();
        assert_eq!(page(&place), b"new", "{name}");
        assert_eq!(names(&place), ["site"], "{name}");
        end(&place);
    }
}

#[test]
fn the_first_site_needs_no_exchange() {
    let place = place("first");
    files::remove(&place.site).unwrap();
    let held = place.hold().unwrap();
    let next = held.next().unwrap();
    files::write(&next.join("page"), b"new").unwrap();
    held.exchange(&next).unwrap();
    assert_eq!(page(&place), b"new");
    end(&place);
}

#[test]
fn an_interrupted_command_is_put_right_by_the_next() {
    // While it made the next site.
    let place = place("interrupted");
    files::write(
        &place.site.with_file_name("site.next-1").join("page"),
        b"part",
    )
    .unwrap();
    drop(place.hold().unwrap());
    assert_eq!(page(&place), b"old");
    assert_eq!(names(&place), ["site"]);

    // Between the two renames.
    let previous = place.beside("previous");
    fs::rename(&place.site, &previous).unwrap();
    files::write(
        &place.site.with_file_name("site.next-1").join("page"),
        b"new",
    )
    .unwrap();
    drop(place.hold().unwrap());
    assert_eq!(page(&place), b"old");
    assert_eq!(names(&place), ["site"]);

    // After them.
    files::write(&previous.join("page"), b"older").unwrap();
    drop(place.hold().unwrap());
    assert_eq!(page(&place), b"old");
    assert_eq!(names(&place), ["site"]);
    end(&place);
}

#[test]
fn only_one_command_holds_a_place() {
    let place = place("held");
    let held = place.hold().unwrap();
    let other = File::create(place.beside("lock")).unwrap();
    assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
    drop(held);
    other.try_lock().unwrap();
    end(&place);
}

#[test]
fn a_note_counts_only_while_all_its_files_are_there() {
    let place = place("note");
    files::write(&place.site.join(HEADERS), b"/*\n  A: b\n").unwrap();
    files::write(&place.worker.join("entry.js"), b"").unwrap();
    let note = Note::of("0a1b", &place.site).unwrap();
    assert_eq!(note.assets, BTreeSet::from([PathBuf::from("page")]));
    assert_eq!(place.note(), None);
    place.hold().unwrap().remember(&note).unwrap();
    assert_eq!(place.note(), Some(note));
    fs::remove_file(place.site.join("page")).unwrap();
    assert_eq!(place.note(), None);
    files::write(&place.site.join("page"), b"old").unwrap();
    assert!(place.note().is_some());
    place.hold().unwrap().forget().unwrap();
    assert_eq!(place.note(), None);
    end(&place);
}

#[test]
fn a_site_is_its_assets_and_the_new_pages_without_the_earlier_ones() {
    let place = place("complete");
    let note = Note {
        build: "0a1b".to_owned(),
        assets: BTreeSet::from([PathBuf::from("page")]),
        headers: "/*\n  A: b\n".to_owned(),
    };
    files::write(&place.site.join("_pages/earlier"), b"").unwrap();
    let held = place.hold().unwrap();
    let next = held.next().unwrap();
    files::write(&next.join("_pages/new"), b"").unwrap();
    files::write(&next.join(HEADERS), b"/about\n  C: d\n").unwrap();
    note.complete(&place.site, &next).unwrap();
    let files: Vec<_> = files::list(&next).unwrap().into_iter().collect();
    assert_eq!(files, ["_headers", "_pages/new", "page"].map(PathBuf::from));
    let headers = files::read(&next.join(HEADERS)).unwrap();
    assert_eq!(headers, b"/*\n  A: b\n\n/about\n  C: d\n");

    // An asset that a page would hide.
    let next = held.next().unwrap();
    files::write(&next.join("page"), b"").unwrap();
    let message = note.complete(&place.site, &next).unwrap_err().to_string();
    assert!(message.contains("both called page"), "{message}");
    drop(held);
    assert_eq!(names(&place), ["site"]);
    end(&place);
}

#[test]
fn rules_that_would_be_lost_are_refused() {
    assert_eq!(headers("/*\n  A: b\n", "").unwrap(), "/*\n  A: b\n");
    let twice = headers("/*\n  A: b\n", "/*\n  C: d\n").unwrap_err();
    assert!(twice.to_string().contains("two rules for /*"), "{twice}");
    let many: String = (0..MOST_RULES).map(|n| format!("/{n}\n  A: b\n")).collect();
    assert!(headers("", &many).is_ok());
    let more = headers("/*\n  A: b\n", &many).unwrap_err();
    assert!(more.to_string().contains("101 rules"), "{more}");
}
