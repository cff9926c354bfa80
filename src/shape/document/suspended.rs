//! What is known of a document when an export is suspended between two of its records, as data.

use super::arranger::Arranger;
use super::frame::{Array, Frame, Object};
use super::reader::{DocumentShaper, Step};
use crate::settings::Setting;

impl DocumentShaper {
    /// Whether the input so far ends between two records, or two members, of what is written while it is read.
    pub(crate) fn is_between(&self) -> bool {
        self.parser.state(self.bytes.len()).is_some()
            && matches!(
                self.step,
                Step::Members | Step::Items | Step::Path(0) | Step::Finished
            )
    }

    /// From what the document can go on where its input is cut; `None` where it [cannot](Self::is_between).
    /// All that was written must have been given out.
    pub(crate) fn state(&self) -> Option<Setting> {
        if !self.is_between() || !self.arranger.main.is_empty() {
            return None;
        }
        Some(Setting::List(vec![
            self.parser.state(self.bytes.len())?,
            self.arranger.state(),
            Setting::Bool(matches!(self.step, Step::Path(_))),
        ]))
    }

    /// Goes on from a state; `None` where it is none.
    pub(crate) fn restore(&mut self, state: &Setting) -> Option<()> {
        let [parser, arranger, untouched] = state.as_list()? else {
            return None;
        };
        self.parser.restore(parser)?;
        self.arranger.restore(arranger)?;
        self.begun = true;
        if !untouched.as_bool()? {
            self.leave();
        }
        Some(())
    }
}

impl Arranger {
    fn state(&self) -> Setting {
        let mut levels = self.state.levels.iter();
        let frames = self.frames.iter().map(|frame| match frame {
            Frame::Array(array) => Setting::List(vec![
                index(array.place),
                index(array.indent),
                Setting::count(array.count),
                Setting::count(array.read),
            ]),
            Frame::Object(object) => {
                let level = levels.next();
                let counts = level.map_or(&[][..], |level| &level.counts);
                let held = object.held.iter();
                let others = object.others.iter();
                let names = object.names.names().iter();
                Setting::List(vec![
                    index(object.place),
                    index(object.indent),
                    Setting::Bool(object.empty),
                    index(object.next),
                    Setting::List(object.came.iter().copied().map(Setting::Bool).collect()),
                    Setting::List(
                        held.map(|held| held.as_deref().map_or(Setting::Null, text))
                            .collect(),
                    ),
                    Setting::List(
                        others
                            .map(|(key, value)| Setting::List(vec![text(key), text(value)]))
                            .collect(),
                    ),
                    Setting::List(names.cloned().map(Setting::Text).collect()),
                    Setting::Bool(object.flows),
                    Setting::Bool(object.own),
                    index(level.map_or(0, |level| level.member)),
                    Setting::List(counts.iter().copied().map(Setting::count).collect()),
                ])
            }
        });
        Setting::List(vec![
            self.state.state(),
            Setting::List(frames.collect()),
            Setting::List(self.buffers.iter().map(|buffer| text(buffer)).collect()),
        ])
    }

    fn restore(&mut self, state: &Setting) -> Option<()> {
        let [state, frames, buffers] = state.as_list()? else {
            return None;
        };
        self.state.restore(state)?;
        for frame in frames.as_list()? {
            let frame = match frame.as_list()? {
                [place, indent, count, read] => Frame::Array(Array {
                    place: index_of(place)?,
                    indent: index_of(indent)?,
                    count: count.as_count()?,
                    read: read.as_count()?,
                }),
                object => Frame::Object(self.restore_object(object)?),
            };
            self.frames.push(frame);
        }
        for buffer in buffers.as_list()? {
            self.buffers.push(text_of(buffer)?);
        }
        let own = self.frames.iter().filter(|frame| frame.is_own());
        (own.count() == self.buffers.len()).then_some(())
    }

    fn restore_object(&mut self, state: &[Setting]) -> Option<Object> {
        let [
            place,
            indent,
            empty,
            next,
            came,
            held,
            others,
            names,
            flows,
            own,
            member,
            counts,
        ] = state
        else {
            return None;
        };
        let place = index_of(place)?;
        let members = self.plan.place(place).members.len();
        let level = self.state.levels.len();
        let mut object = Object::new(level, place, index_of(indent)?, members);
        object.empty = empty.as_bool()?;
        object.next = index_of(next)?;
        let came = came.as_list()?.iter().map(Setting::as_bool);
        object.came = came.collect::<Option<_>>()?;
        object.held.clear();
        for held in held.as_list()? {
            object.held.push(match held {
                Setting::Null => None,
                held => Some(text_of(held)?),
            });
        }
        if object.came.len() != members || object.held.len() != members {
            return None;
        }
        for other in others.as_list()? {
            let [key, value] = other.as_list()? else {
                return None;
            };
            object.others.push((text_of(key)?, text_of(value)?));
        }
        for name in names.as_list()? {
            let name = name.as_text()?;
            object.name_bytes += name.len() as u64;
            object.names.add(name);
        }
        object.flows = flows.as_bool()?;
        object.own = own.as_bool()?;
        let held = object.held.iter().flatten().map(Vec::len);
        let others = object.others.iter();
        let others = others.map(|(key, value)| key.len() + value.len());
        self.held += held.chain(others).sum::<usize>();
        self.state.enter(&self.plan, place);
        self.state.go_to(index_of(member)?);
        let counts = counts.as_list()?.iter().map(Setting::as_count);
        let counts: Vec<_> = counts.collect::<Option<_>>()?;
        let known = self.state.levels.last_mut()?;
        if counts.len() != known.counts.len() {
            return None;
        }
        known.counts = counts;
        Some(object)
    }
}

fn index(number: usize) -> Setting {
    Setting::count(number as u64)
}

fn index_of(state: &Setting) -> Option<usize> {
    usize::try_from(state.as_count()?).ok()
}

/// A piece of JSON text, which is UTF-8.
fn text(bytes: &[u8]) -> Setting {
    Setting::Text(String::from_utf8_lossy(bytes).into_owned())
}

fn text_of(state: &Setting) -> Option<Vec<u8>> {
    Some(state.as_text()?.as_bytes().to_vec())
}
