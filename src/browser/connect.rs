//! What only a page needs whose publisher connects it to other systems: the authorizer's facts and acts, as lines of text to and from
//! www/loader/connect.js, which has the network, cookies and WebCrypto.
//!
//! With [`take`] the module's piece for such pages begins: it may only be called when that is here, and `start` waits for it.

use super::entry::{App, code, tell};
use super::shim::Shim;
use crate::access::authorizer::{self, Act, Article, Authorizer, Evidence, Fact, Host, Sources};
use crate::access::token;
use crate::config::setting::TOKEN_KEYS;
use crate::config::{Code, Config, Diagnostic};
use crate::link::article_url;
use crate::machine::Signal;
use crate::meter::policy::{SURFACES, Surface};
use crate::text::scan::{before, cut, join};
use crate::text::{number, scan};
use js_sys::Date;

/// The authorizer, and where it looks.
pub(super) struct Connection {
    authorizer: Authorizer,
    /// The tokens that came with the address and from the page's own code.
    carried: String,
    given: String,
}

/// Takes in a signal of the shim, after the machines did.
#[inline(never)]
pub(super) fn take(app: &mut App, mut code: u32) {
    let said = if code == code::CONNECTED { app.shim.said() } else { String::new() };
    let (word, rest) = cut(&said, b'\n').unwrap_or((&said, ""));
    if word == "way" {
        return lead(app, rest);
    }
    if word == "said" {
        code = say(app, rest);
    }
    let is_first = app.connection.is_none();
    let mut connection = app.connection.take().unwrap_or_else(|| Box::new(begin(app)));
    let fact = match code {
        // What the page has said before this was here, it said to the machine.
        _ if is_first => Fact::Found(connection.evidence(&app.shim, app.config)),
        code::ACCESS_PENDING | code::ACCESS_KNOWN => Fact::Said(Host::Speaks),
        code::ACCESS_UNKNOWN => Fact::Said(Host::Failed),
        code::SEEN | code::LEDGER_CHANGED => Fact::Found(connection.evidence(&app.shim, app.config)),
        code::CONNECTED => {
            let (serial, rest) = cut(rest, b'\n').unwrap_or((rest, ""));
            match word {
                "verified" => Fact::Verified(
                    number_of(serial),
                    match rest {
                        "true" => Some(true),
                        "false" => Some(false),
                        _ => None,
                    },
                ),
                "answered" => {
                    let (status, body) = cut(rest, b'\n').unwrap_or((rest, ""));
                    Fact::Answered(number_of(serial), number_of(status), body.to_owned())
                }
                "woke" => Fact::Happened,
                "token" => {
                    connection.given = serial.to_owned();
                    if serial.is_empty() {
                        connection.carried.clear();
                        drop_kept(&app.shim, app.config);
                    }
                    Fact::Refreshed(connection.evidence(&app.shim, app.config))
                }
                "refresh" => Fact::Refreshed(connection.evidence(&app.shim, app.config)),
                _ => Fact::Found(connection.evidence(&app.shim, app.config)),
            }
        }
        _ => Fact::Happened,
    };
    let mut articles = Vec::new();
    for machine in &app.machines {
        let (reads, limit, is_seen) = machine.standing();
        articles.push(Article {
            hash: machine.article().to_owned(),
            address: article_url(machine.address()),
            reads,
            limit,
            is_seen,
        });
    }
    let today = (Date::now() / 1000.0) as i64;
    let acts = connection.authorizer.on(app.shim.elapsed() as i64, today, fact, &articles);
    for act in acts {
        if let Act::Keep(token) = &act {
            // Where it is kept is now where it is looked for, and where another window takes it away.
            for known in [&mut connection.carried, &mut connection.given] {
                if known == token {
                    known.clear();
                }
            }
        }
        perform(app, connection.authorizer.sources(), act);
    }
    app.connection = Some(connection);
}

/// Tells the machines what the page says of its reader with a meter of its own; which signal of the page's that was.
fn say(app: &mut App, answer: &str) -> u32 {
    let known = authorizer::read(answer);
    for article in 0..app.machines.len() {
        app.run(
            article,
            match &known {
                Some((entitlement, _)) => Signal::AccessKnown(entitlement.clone()),
                None => Signal::AccessUnknown,
            },
        );
    }
    if known.is_some() { code::ACCESS_KNOWN } else { code::ACCESS_UNKNOWN }
}

/// Forgets the token that is kept.
fn drop_kept(shim: &Shim, config: &Config) {
    let _ = shim.act(&join(&["keep\n", &config.site.everything(), "token\n"]));
}

/// The number that www/loader/connect.js wrote.
fn number_of(digits: &str) -> u32 {
    digits.bytes().fold(0, |number, digit| u32::from(digit & 15).wrapping_add(10_u32.wrapping_mul(number)))
}

/// Says where an action of the page's own leads: `subscribe`, `login` …, and the plan behind it.
fn lead(app: &App, what: &str) {
    let (action, plan) = cut(what, b'\n').unwrap_or((what, ""));
    let config = app.config;
    let Some(machine) = app.machines.first() else { return };
    let login = config.login();
    let way = match SURFACES.iter().position(|surface| *surface == action) {
        Some(place) => config.link(Surface::at(place)),
        None if action == "login" => login.as_ref(),
        None => None,
    };
    if let Some(way) = way {
        let address = way.fill(plan, machine.address());
        let _ = app.shim.act(&join(&["go\n", &address, "\n", action, "-click\n", plan]));
    }
}

fn begin(app: &App) -> Connection {
    let mut diagnostics = Vec::new();
    let sources = app.config.sources(&mut diagnostics);
    let analytics = app.config.analytics(&mut diagnostics);
    let _ = app.shim.act(&join(&["settings\n", analytics, "\n", &app.config.zone]));
    for diagnostic in &diagnostics {
        tell(&app.shim, diagnostic);
    }
    Connection { authorizer: Authorizer::new(sources), carried: String::new(), given: String::new() }
}

impl Connection {
    /// What is to be found on the page and the device now.
    fn evidence(&mut self, shim: &Shim, config: &Config) -> Evidence {
        let ask = |what: &str, of: &str| shim.act(&join(&[what, "\n", of]));
        let everything = config.site.everything();
        let Sources { keys, token_cookie, cookie, flag, endpoint, .. } = self.authorizer.sources();
        let mut evidence = Evidence::default();
        if !keys.is_empty() {
            if let Some((token, clean)) = token::carried(&ask("address", "")) {
                if token.is_empty() {
                    // Whoever has logged out comes back so.
                    drop_kept(shim, config);
                    self.given.clear();
                }
                self.carried = token;
                // A gift is for others too; who is reading is for nobody else.
                if self.carried.is_empty() || token::is_for_one(&self.carried) {
                    let _ = ask("clean", &clean);
                }
            }
            evidence.tokens.push(self.carried.clone());
            evidence.tokens.push(self.given.clone());
            if !token_cookie.is_empty() {
                evidence.tokens.push(ask("cookie", token_cookie));
            }
            evidence.kept = ask("kept", &join(&[&everything, "token"]));
        }
        evidence.is_subscriber =
            says(cookie, |name| ask("cookie", name)) || says(flag, |path| ask("global", path));
        evidence.was_subscriber =
            !endpoint.is_empty() && !ask("remembered", &join(&[&everything, "visit"])).is_empty();
        evidence
    }
}

/// Whether something is there by its name: with any value but an empty one, or with the value behind the `=`.
fn says(named: &str, look: impl Fn(&str) -> String) -> bool {
    if named.is_empty() {
        return false;
    }
    let value = look(scan::trim(before(named, b'=')));
    match cut(named, b'=') {
        Some((_, expected)) => *value == *scan::trim(expected),
        None => !value.is_empty(),
    }
}

/// Carries out an act.
fn perform(app: &mut App, sources: &Sources, act: Act) {
    let everything = app.config.site.everything();
    let line = |words: &[&str]| {
        let mut line = String::new();
        for word in words {
            line = join(&[&line, if line.is_empty() { "" } else { "\n" }, word]);
        }
        line
    };
    let request = match act {
        Act::Tell(article, signal) => return app.run(article, signal),
        Act::Refuse(refusal) => {
            let diagnostic = Diagnostic::new(Code::TokenRefused, TOKEN_KEYS, refusal.name(), "");
            return tell(&app.shim, &diagnostic);
        }
        Act::Verify { serial, key, signed, signature } => {
            let [x, y] = &key.point;
            line(&["verify", &number(i64::from(serial)), key.algorithm.name(), x, y, &signed, &signature])
        }
        Act::Ask(serial, article) => line(&[
            "ask",
            &number(i64::from(serial)),
            &sources.endpoint,
            &article.address,
            &article.hash,
            app.config.site.as_str(),
            &number(i64::from(article.reads)),
            &number(i64::from(article.limit)),
        ]),
        Act::Wake(wait) => line(&["wake", &number(wait)]),
        Act::Keep(token) => line(&["keep", &join(&[&everything, "token"]), &token]),
        Act::Remember(is) => line(&["remember", &join(&[&everything, "visit"]), if is { "1" } else { "" }]),
    };
    let _ = app.shim.act(&request);
}
