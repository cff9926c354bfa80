//! The members of an envelope.

use std::collections::BTreeSet;

use super::block::{Block, quoted};
use super::path::{Found, Paths, split};
use super::record::Records;
use crate::catalog::envelope::{standard, standard_with_items};
use crate::catalog::{Content, Member};
use crate::settings::Setting;

/// How many members there are at most.
const MOST_MEMBERS: usize = 100;

/// The word that stands for the standard envelope, or for its first members.
const STANDARD: &str = "standard";

/// An envelope, as far as it could be read.
#[derive(Default)]
pub(super) struct Envelope {
    pub(super) members: Vec<Member>,
    /// It could not all be read.
    pub(super) is_unsure: bool,
    /// Where the counts in it say what they count.
    counts: Vec<(Vec<String>, String)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Type,
    SoftwareVersion,
    AccountId,
    Moment,
    Text,
    Items,
    Record,
    Records,
    Count,
    Value,
}

const HOLDS: [(&str, Holds); 10] = [
    ("type", Holds::Type),
    ("software_version", Holds::SoftwareVersion),
    ("account_id", Holds::AccountId),
    ("moment", Holds::Moment),
    ("text", Holds::Text),
    ("items", Holds::Items),
    ("record", Holds::Record),
    ("records", Holds::Records),
    ("count", Holds::Count),
    ("value", Holds::Value),
];

impl Envelope {
    pub(super) fn read<'a, 'p>(
        block: &mut Block<'a, 'p>,
        is_table: bool,
        records: &mut Records<'a, 'p>,
    ) -> Self {
        let mut envelope = Self::default();
        match block.get("envelope") {
            None => return envelope,
            Some(Setting::Text(word)) if word == STANDARD => {
                envelope.members = standard_with_items();
            }
            Some(Setting::List(_)) => {
                for (path, item) in block.list("envelope", MOST_MEMBERS).unwrap_or_default() {
                    match item {
                        Setting::Text(word) if word == STANDARD => {
                            envelope.members.extend(standard());
                        }
                        item => envelope.member(item, path, is_table, records),
                    }
                }
            }
            Some(other) => {
                block.mistyped("envelope", "`standard` or a list of members", other);
                envelope.is_unsure = true;
                return envelope;
            }
        }
        envelope.check(block, is_table);
        envelope
    }

    fn member<'a, 'p>(
        &mut self,
        item: &'a Setting,
        path: String,
        is_table: bool,
        records: &mut Records<'a, 'p>,
    ) {
        let what = "A member of the envelope, unless it is `standard`,";
        let Some(mut block) = Block::open(item, path, what, records.problems) else {
            self.is_unsure = true;
            return;
        };
        let name = block.line("name");
        let description = block.needed_text("description");
        let holds = block.word("holds", &HOLDS);
        let content = holds.and_then(|holds| self.content(&mut block, holds, name, records));
        check_members(&mut block, holds);
        match holds {
            Some(Holds::Record | Holds::Records | Holds::Value) if is_table => {
                let message = "The envelope of a type with `record` has its records as `items`, and no others.";
                block.problem("holds", message);
            }
            Some(Holds::Items) if !is_table => {
                block.problem("holds", "`items` are the records of a type with `record`.");
            }
            _ => {}
        }
        block.finish();
        match (name, content) {
            (Some(name), Some(content)) => self.members.push(Member {
                name: name.into(),
                content,
                description: description.unwrap_or_default().into(),
            }),
            _ => self.is_unsure = true,
        }
    }

    fn content<'a, 'p>(
        &mut self,
        block: &mut Block<'a, 'p>,
        holds: Holds,
        name: Option<&str>,
        records: &mut Records<'a, 'p>,
    ) -> Option<Content> {
        let column = name.map(str::to_owned);
        Some(match holds {
            Holds::Type => Content::Type,
            Holds::SoftwareVersion => Content::SoftwareVersion,
            Holds::AccountId => Content::AccountId,
            Holds::Moment => Content::Moment,
            Holds::Text => Content::Text(block.needed_text("text")?.into()),
            Holds::Items => Content::Items,
            Holds::Record => Content::Record {
                record: records.used(block, None, column),
                nullable: block.bool("nullable", false),
            },
            Holds::Records => Content::Records {
                record: records.used(block, None, column),
                nullable: block.bool("nullable", false),
            },
            Holds::Count => {
                let path = block.path_of("of");
                let of = split(block.needed_text("of")?, &path, records.problems)?;
                self.counts.push((of.clone(), path));
                Content::Count(of)
            }
            Holds::Value => Content::Value(records.field(block, None, false)?),
        })
    }

    /// Checks the members against each other.
    fn check(&self, block: &Block<'_, '_>, is_table: bool) {
        let mut names = BTreeSet::new();
        for member in &self.members {
            if !names.insert(&member.name) {
                let twice = format_args!("There are two members {}.", quoted(&member.name));
                block.problem("envelope", twice);
            }
        }
        let items = self.members.iter();
        let items = items.filter(|member| member.content == Content::Items);
        match (is_table, items.count()) {
            (true, 0) if !self.is_unsure => {
                block.problem("envelope", "No member of `envelope` holds `items`.");
            }
            (true, 0 | 1) | (false, 0) => {}
            (true, _) => block.problem("envelope", "Two members of `envelope` hold `items`."),
            (false, _) if block.is_text("envelope") => {
                let message = "`standard` alone is around records, and there is no `record`.";
                block.problem("envelope", message);
            }
            (false, _) => {}
        }
    }

    /// Checks the counts, once all types of records are known.
    pub(super) fn check_counts(&self, paths: Paths<'_, '_, '_>) {
        for (of, path) in &self.counts {
            let why = match of.as_slice() {
                [items] if paths.record.is_some() && items == "items" => continue,
                _ if paths.record.is_some() => "`of` takes `items` here.".into(),
                of => match paths.records_at(of) {
                    Found::Yes((_, true)) | Found::Unsure => continue,
                    Found::Yes(_) => "`of` leads to one record, and no array of them.".into(),
                    Found::No(why) => format!("`of` leads nowhere: {why}."),
                },
            };
            paths.records.problems.add(path.clone(), why);
        }
    }
}

/// Refuses what goes with another word at `holds`. Where that could not be read, nothing is too much.
fn check_members(block: &mut Block<'_, '_>, holds: Option<Holds>) {
    let of_records = [Holds::Record, Holds::Records];
    let nullable = [Holds::Record, Holds::Records, Holds::Value];
    let members: [(_, &[Holds], _); 10] = [
        ("text", &[Holds::Text], "`text`"),
        ("record", &of_records, "`record` and `records`"),
        ("nullable", &nullable, "`record`, `records` and `value`"),
        ("of", &[Holds::Count], "`count`"),
        ("type", &[Holds::Value], "`value`"),
        ("items", &[Holds::Value], "`value`"),
        ("enum", &[Holds::Value], "`value`"),
        ("column", &[Holds::Value], "`value`"),
        ("optional", &[Holds::Value], "`value`"),
        ("file_column", &[Holds::Value], "`value`"),
    ];
    for (name, fits, words) in members {
        match holds {
            Some(holds) if !fits.contains(&holds) => {
                // A value refuses what its type makes no use of by itself.
                if holds != Holds::Value {
                    block.idle(name, format_args!("what holds {words}"));
                }
            }
            _ => drop(block.get(name)),
        }
    }
}
