//! Time zones: the table, and how options name them.

use tablecast::{ErrorKind, Request, Setting, Surface, Zone, zone_table};

fn request(surface: Surface, options: &[(&str, &str)]) -> Result<(), tablecast::Error> {
    let text = |(name, value): &(&str, &str)| ((*name).into(), Setting::Text((*value).into()));
    let mut members: Vec<_> = options.iter().map(text).collect();
    members.push(("format".into(), Setting::Text("csv".into())));
    Request::new(&Setting::Map(members), surface).map(|_| ())
}

#[test]
fn the_table_holds_each_name_once() {
    let table = zone_table();
    let mut names: Vec<&str> = table
        .lines()
        .flat_map(|line| line.split(';').next().unwrap().split(' '))
        .collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(count > 590, "{count}");
    for name in ["Europe/Berlin", "Europe/Dublin", "America/Nuuk", "UTC"] {
        assert!(names.contains(&name), "{name}");
    }
}

#[test]
fn the_package_s_line_of_every_zone_is_the_zone() {
    for line in zone_table().lines() {
        let (names, line) = line.split_once(';').unwrap();
        let zone = Zone::from_compact(line).unwrap();
        for name in names.split(' ') {
            assert_eq!(Zone::named(name).unwrap(), zone, "{name}");
        }
    }
}

#[test]
fn a_zone_without_a_name_is_utc_or_an_offset() {
    for zone in ["UTC", "+00:00", "-05:30", "+23:59"] {
        request(Surface::Http, &[("time_zone", zone)]).unwrap();
    }
    for zone in [
        "",
        "+2",
        "+0200",
        "+24:00",
        "+02:60",
        " 02:00",
        "2",
        "\u{2212}02:00",
    ] {
        let error = request(Surface::Http, &[("time_zone", zone)]).unwrap_err();
        assert_eq!(error.code(), "invalid_option", "{zone}");
        assert!(error.to_string().contains("+02:00"), "{error}");
    }
}

#[test]
fn a_plus_that_a_query_made_a_space_is_a_plus() {
    for zone in [" 02:00", "+02:00", "-02:00"] {
        let query = [("format", "csv"), ("time_zone", zone)];
        let query = query.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Request::from_query(query).unwrap();
    }
}

#[test]
fn an_unknown_zone_names_the_nearest() {
    for (name, nearest) in [
        ("Europe/Berln", Some("Europe/Berlin")),
        ("europe/berlin", Some("Europe/Berlin")),
        ("Berlin", Some("Europe/Berlin")),
        ("New York", Some("America/New_York")),
        ("utc", Some("UTC")),
        ("Middle-earth/Hobbiton", None),
    ] {
        let error = request(Surface::Http, &[("time_zone", name)]).unwrap_err();
        let expected = ErrorKind::UnknownTimeZone {
            name: name.into(),
            nearest: nearest.map(Into::into),
        };
        assert_eq!(*error.kind(), expected);
    }
}

#[test]
fn the_package_passes_on_a_line_or_all_names() {
    let table = zone_table();
    let line = table.lines().find(|line| line.contains("Europe/Berlin"));
    let (_, line) = line.unwrap().split_once(';').unwrap();
    let named = ("timeZone", "Europe/Berlin");
    request(Surface::JavaScript, &[named, ("zoneFound", line)]).unwrap();
    let unknown = [
        ("timeZone", "Europe/Berln"),
        ("zoneFound", "UTC Europe/Berlin"),
    ];
    let error = request(Surface::JavaScript, &unknown).unwrap_err();
    assert_eq!(error.hint().unwrap(), "Did you mean `Europe/Berlin`?");
    // Where no zone with a name is asked for, they are options like any others that nobody knows.
    let error = request(Surface::JavaScript, &[("zoneFound", line)]).unwrap_err();
    assert_eq!(error.code(), "unknown_option");
}
