//! A reference endpoint for Tollgate: accounts, sessions in cookies that no script reads, plans, a meter on the server, signed tokens.
//!
//! | file | what it knows |
//! |---|---|
//! | `store` | the database: SQLite in one file, or PostgreSQL, by the same statements |
//! | `secrets` | passwords, sessions, webhooks' signatures |
//! | `origin` | whose forms are taken, who may ask, where a reader may be sent back to |
//! | `stripe` | payments, as Stripe tells them |
//! | `pages` | the forms, as HTML that works without JavaScript |
//! | `files` | the site's own files |
//! | this one | the routes, and who may do what |
//!
//! Nothing is kept in memory that matters: any number of instances can share a database behind a balancer.

pub mod files;
pub mod origin;
pub mod pages;
pub mod secrets;
pub mod store;
mod stripe;

use anyhow::{Context as _, Result, bail};
use axum::Router;
use axum::extract::{
    ConnectInfo, DefaultBodyLimit, Form, FromRequest, FromRequestParts, Query, Request, State,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use origin::Origin;
use pages::Form as Shown;
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use store::{Account, Store};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tollgate::access::token::Algorithm;
use tollgate::signing::{self, PrivateKey};
use tower_http::timeout::TimeoutLayer;

/// The cookie that carries a session's secret.
const COOKIE: &str = "meridian_session";
/// How long a session lasts, in seconds: 30 days.
const SESSION: i64 = 30 * 86_400;
/// How long a subscriber's token holds, in seconds: an hour, then the endpoint is asked again.
const TOKEN: i64 = 3600;
/// How often it may be tried to log in to one account from one address of the network; from that address to all accounts; in so many seconds.
const ATTEMPTS: (i64, i64, i64) = (10, 100, 900);
/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a demonstration's subscription lasts, in seconds.
const DEMONSTRATION: i64 = 365 * 86_400;

/// What is sold.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its id, as the tag's `{plan}`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it is paid, with `{email}`, `{account}` and `{return_url}`; empty for a demonstration that charges nothing.
    pub payment: String,
}

impl std::str::FromStr for Plan {
    type Err = String;

    /// `id=Name` or `id=Name=https://pay.example/…`
    fn from_str(text: &str) -> Result<Plan, String> {
        let mut parts = text.splitn(3, '=');
        match (parts.next(), parts.next()) {
            (Some(id), Some(name)) if !id.is_empty() && !name.is_empty() => {
                Ok(Plan { id: id.into(), name: name.into(), payment: parts.next().unwrap_or("").into() })
            }
            _ => Err("expected id=Name, or id=Name=https://where.it.is/paid".into()),
        }
    }
}

/// How the endpoint is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// The publisher's origins: the first is the site as readers see it, such as `https://news.example`. Forms are taken from all of them,
    /// all may ask, and readers go back to them.
    pub origins: Vec<Origin>,
    /// The tag's `data-site`.
    pub site: String,
    /// The tag's `data-token-issuer`.
    pub issuer: String,
    /// The database: `sqlite://file` or `postgres://…`.
    pub database: String,
    /// Folders whose files are served.
    pub files: Vec<PathBuf>,
    /// How many articles a month readers with an account may read.
    pub limit: i64,
    /// How many articles a month a subscriber may give away.
    pub gifts: i64,
    /// What is sold.
    pub plans: Vec<Plan>,
    /// Whether a plan without an address where it is paid is given to whoever asks.
    pub is_demonstration: bool,
    /// How many proxies of the publisher's stand in front, each of which adds a client's address to `X-Forwarded-For`.
    pub proxies: usize,
    /// The private key (JWK) that tokens are signed with; empty for one in the database, made at the first start.
    pub key: String,
    /// The secret of Stripe's webhooks; empty for none.
    pub stripe: String,
}

impl Config {
    /// The demo newspaper's, at this address. Only on the reader's own machine its plans are given away.
    #[must_use]
    pub fn demo(origin: Origin, database: &str) -> Config {
        let plan = |id: &str, name: &str| Plan { id: id.into(), name: name.into(), payment: String::new() };
        Config {
            issuer: origin.as_str().into(),
            is_demonstration: origin.is_loopback(),
            proxies: 0,
            origins: vec![origin],
            site: "meridian".into(),
            database: database.into(),
            files: Vec::new(),
            limit: 3,
            gifts: 10,
            plans: vec![plan("free-trial", "Free trial"), plan("annual-access", "Annual access")],
            key: String::new(),
            stripe: String::new(),
        }
    }

    /// Refuses what would be unsafe, or could not work.
    fn check(&self) -> Result<()> {
        let home = self.origins.first().context("expected an origin, such as https://news.example")?;
        if !home.is_https() && !home.is_loopback() {
            bail!("{home} is not encrypted: sessions need https, except on this machine");
        }
        let is_free = |plan: &&Plan| plan.payment.is_empty();
        if let Some(plan) = self.plans.iter().find(is_free).filter(|_| !self.is_demonstration) {
            tracing::warn!(
                "the plan {} has no address where it is paid: it cannot be had (--demonstration gives it away)",
                plan.id
            );
        }
        Ok(())
    }
}

#[derive(Debug)]
struct App {
    config: Config,
    store: Store,
    key: PrivateKey,
    /// What is verified for addresses that nobody has: so that they take as long.
    nobody: String,
    /// A password's hash takes 19 MiB and a core: no more at once than there are cores, or a crowd at the log-in would take all memory.
    turns: Semaphore,
}

type Shared = State<Arc<App>>;

/// Serves until `shutdown` is there; requests under way are answered.
///
/// # Errors
/// If the database can't be used, or the key is none.
pub async fn serve(
    config: Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    config.check()?;
    let store = Store::open(&config.database).await?;
    let key = if config.key.is_empty() {
        let made = PrivateKey::generate(Algorithm::Es256).context("cannot make a signing key")?;
        store.signing_key(&made.to_jwk()).await?
    } else {
        config.key.clone()
    };
    let key = PrivateKey::from_jwk(&key).context("the signing key")?;
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let nobody = secrets::password_hash(&secrets::random()?)?;
    let app = Arc::new(App { config, store: store.clone(), key, nobody, turns: Semaphore::new(cores) });
    let script = || async { ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], files::SESSION) };
    let router = Router::new()
        .route("/entitlement", get(entitlement).options(preflight))
        .route("/login", get(show_login).post(login))
        .route("/register", get(show_register).post(register))
        .route("/subscribe", get(show_subscribe).post(subscribe))
        .route("/logout", post(logout))
        .route("/account", get(account))
        .route("/gift", get(gift))
        .route("/keys", get(keys))
        .route("/health", get(health))
        .route("/webhook/stripe", post(stripe::webhook).layer(DefaultBodyLimit::max(1024 * 1024)))
        .route("/session.js", get(script))
        .route("/login.html", get(moved))
        .route("/subscribe.html", get(moved))
        .fallback(file)
        .layer(DefaultBodyLimit::max(64 * 1024))
        .layer(axum::middleware::from_fn(logged))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, PATIENCE))
        .with_state(app);
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    // Requests under way are answered; a client that says nothing keeps nobody waiting.
    let (begin_to_end, ending) = tokio::sync::oneshot::channel::<()>();
    let asked_to_end = async move {
        shutdown.await;
        let _ = begin_to_end.send(());
    };
    let served = axum::serve(listener, router).with_graceful_shutdown(asked_to_end).into_future();
    let patience = async move {
        // Where the other end is gone, the server has ended by itself.
        if ending.await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(PATIENCE + Duration::from_secs(2)).await;
    };
    tokio::select! {
        ended = served => ended?,
        () = patience => tracing::warn!("some clients did not end"),
    }
    store.close().await;
    Ok(())
}

/// What went wrong, for the log; the reader learns only that it did.
struct Failure(anyhow::Error);

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        tracing::error!("{:#}", self.0);
        (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong.").into_response()
    }
}

type Answer = Result<Response, Failure>;

fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}

/// The month of a time, as `2026-11` (UTC): the civil calendar from days, by Howard Hinnant's `civil_from_days`.
#[must_use]
pub fn month(seconds: i64) -> String {
    let days = seconds.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}")
}

impl App {
    /// Where a reader may be sent back to: a page of the publisher's, else the front page.
    fn back(&self, headers: &HeaderMap, asked: &str) -> String {
        let here = origin::by_host(&self.config.origins, headers);
        here.map_or("/".into(), |here| origin::way_back(&self.config.origins, here, asked))
    }

    async fn reader(&self, headers: &HeaderMap) -> Result<Option<Account>> {
        match session(headers) {
            Some(secret) => self.store.by_session(&secrets::hashed(&secret), now()).await,
            None => Ok(None),
        }
    }

    /// Sends a reader back; a subscriber with a token, by which the page opens without a request.
    fn send_back(&self, account: &Account, back: &str) -> Result<Response> {
        let mut address = back.to_owned();
        if account.subscribes(now()) {
            address.push_str("#tollgate-token=");
            address.push_str(&self.token(account)?);
        }
        Ok(redirect(&address))
    }

    fn token(&self, account: &Account) -> Result<String> {
        let lasting = TOKEN.min(account.ends - now()).max(1);
        let token = signing::subscriber(&self.config.issuer, &self.config.site);
        Ok(token.subject(&account.id).lasting(lasting).sign(&self.key, now())?)
    }

    /// Logs a reader in, by a session that is new.
    async fn begin(&self, account: &str, headers: &HeaderMap) -> Result<HeaderValue> {
        if let Some(old) = session(headers) {
            // One that was known before the reader logged in is worth nothing afterwards.
            self.store.end_session(&secrets::hashed(&old)).await?;
        }
        let secret = secrets::random()?;
        self.store.add_session(&secrets::hashed(&secret), account, now() + SESSION, now()).await?;
        self.cookie(&secret, SESSION)
    }

    /// Begins a session, and sends the reader back to where they came from.
    async fn let_in(&self, account: &Account, back: &str, headers: &HeaderMap) -> Answer {
        let cookie = self.begin(&account.id, headers).await?;
        Ok(with_cookie(self.send_back(account, back)?, cookie))
    }

    fn cookie(&self, secret: &str, age: i64) -> Result<HeaderValue> {
        // Only on the reader's own machine it may travel without encryption.
        let is_plain = self.config.origins.first().is_some_and(|home| home.is_loopback() && !home.is_https());
        let secure = if is_plain { "" } else { "; Secure" };
        let cookie = format!("{COOKIE}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}");
        Ok(HeaderValue::from_str(&cookie)?)
    }

    /// Notes an attempt to log in, or to make an account: so many for each account from each address of the network, and so many from each
    /// address for all. Who tries from elsewhere keeps nobody out. False if there were too many.
    async fn may_try(&self, email: &str, network: &str) -> Result<bool> {
        let of_account = secrets::hashed(&format!("{email}\n{network}"));
        let of_network = secrets::hashed(network);
        let (for_account, from_network, seconds) = ATTEMPTS;
        let whose = [(of_account.as_str(), for_account), (of_network.as_str(), from_network)];
        self.store.attempt(whose, now(), now() - seconds).await
    }

    /// Whether a password is this account's. It takes the better part of a tenth of a second, as long for nobody's.
    async fn is_password(&self, password: &str, account: Option<&Account>) -> Result<bool> {
        let hash = account.map_or(self.nobody.clone(), |account| account.password.clone());
        let password = password.to_owned();
        let _turn = self.turns.acquire().await?;
        let fits = tokio::task::spawn_blocking(move || secrets::is_password(&password, &hash)).await?;
        Ok(fits && account.is_some())
    }

    /// A password's hash.
    async fn password_hash(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        let _turn = self.turns.acquire().await?;
        tokio::task::spawn_blocking(move || secrets::password_hash(&password)).await?
    }

    /// The attributes by which the demo's tag asks this endpoint.
    fn attributes(&self) -> String {
        let keys = format!("{{\"keys\":[{}]}}", self.key.public_jwk());
        format!(
            "data-entitlement-url=\"/entitlement\" data-register-url=\"/register?return={{return_url}}\"\n  \
             data-token-issuer=\"{}\" data-token-keys=\"{}\"",
            pages::escaped(&self.config.issuer),
            pages::escaped(&keys)
        )
    }
}

fn session(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|line| line.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE && value.len() == 43).then(|| value.to_owned())
    })
}

fn redirect(address: &str) -> Response {
    let location = HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("/"));
    let headers =
        [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::SEE_OTHER, headers).into_response()
}

fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

fn shown(status: StatusCode, html: String) -> Response {
    // A form is never in a frame of another's, and runs nothing.
    let policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                  frame-ancestors 'none'; base-uri 'none'";
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Html(html)).into_response()
}

// Who may read.

#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    url: String,
    #[serde(default)]
    article: String,
    #[serde(default)]
    site: String,
}

async fn preflight(State(app): Shared, headers: HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    origin::allow(&app.config.origins, &headers, response.headers_mut());
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("accept"));
    response
}

async fn entitlement(State(app): Shared, Query(asked): Query<Asked>, headers: HeaderMap) -> Answer {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_hash = asked.article.len() == 16 && asked.article.bytes().all(is_letter);
    let is_ours = asked.site.is_empty() || asked.site == app.config.site;
    let mut response = if is_hash && is_ours && asked.url.len() <= 2048 {
        axum::Json(answer(&app, &asked, &headers).await?).into_response()
    } else {
        let expected = "Expected article: 16 characters, url: at most 2048, and this site.";
        (StatusCode::BAD_REQUEST, expected).into_response()
    };
    origin::allow(&app.config.origins, &headers, response.headers_mut());
    Ok(response)
}

async fn answer(app: &App, asked: &Asked, headers: &HeaderMap) -> Result<Value> {
    let Some(account) = app.reader(headers).await? else {
        // Nobody is known: the meter on the reader's own device decides.
        return Ok(json!({ "granted": false, "data": { "isLoggedIn": false } }));
    };
    if account.subscribes(now()) {
        let data = json!({ "isLoggedIn": true, "tier": "subscriber", "token": app.token(&account)? });
        return Ok(json!({ "granted": true, "grantReason": "SUBSCRIBER", "data": data }));
    }
    let limit = app.config.limit;
    // Another site's link to this address, or a look at it, uses nothing up.
    let is_asked = origin::is_asked_by_own_page(&app.config.origins, headers);
    let meter =
        app.store.count(&account.id, &month(now()), &asked.article, limit * i64::from(is_asked)).await?;
    let data = json!({
        "isLoggedIn": true,
        "tier": "registered",
        "articlesRead": meter.reads,
        "articlesLeft": (limit - meter.reads).max(0),
        "articleLimit": limit,
    });
    Ok(if meter.has_article {
        json!({ "granted": true, "grantReason": "METERING", "data": data })
    } else {
        json!({ "granted": false, "data": data })
    })
}

// The forms.

const TOO_MANY: &str = "Too many attempts. Please try again in a quarter of an hour.";

/// The address of the network that a request comes from: of an IPv6 address the half that a household shares.
struct Network(String);

/// A form that comes from the publisher's own pages: browsers say so, and `SameSite` keeps the cookie from other sites'.
struct OwnForm<T>(T);

impl<T: serde::de::DeserializeOwned> FromRequest<Arc<App>> for OwnForm<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<OwnForm<T>, Response> {
        let is_own = origin::is_own_form(&app.config.origins, request.headers());
        let Form(sent) = Form::from_request(request, app).await.map_err(IntoResponse::into_response)?;
        if is_own { Ok(OwnForm(sent)) } else { Err(StatusCode::FORBIDDEN.into_response()) }
    }
}

impl FromRequestParts<Arc<App>> for Network {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Network, Self::Rejection> {
        // Only what the publisher's own proxies have added is believed: the last ones.
        let lines = parts.headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
        let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
        let hop = hops.len().checked_sub(app.config.proxies).and_then(|place| hops.get(place));
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        let address = match hop {
            Some(hop) => hop.parse::<IpAddr>().ok().or(peer),
            None => peer,
        };
        Ok(Network(match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}")
            }
            None => String::new(),
        }))
    }
}

#[derive(Debug, Default, Deserialize)]
struct Opened {
    #[serde(default, rename = "return")]
    back: String,
    #[serde(default)]
    plan: String,
}

#[derive(Deserialize)]
struct Sent {
    #[serde(default, rename = "return")]
    back: String,
    #[serde(default)]
    plan: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

impl Sent {
    /// The address as it is compared.
    fn address(&self) -> String {
        self.email.trim().to_lowercase()
    }

    /// What is wrong with what was typed, for a new account.
    fn problem(&self) -> Option<&'static str> {
        let email = self.address();
        let has_parts =
            email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
        if !has_parts || email.len() > 254 || email.contains(char::is_whitespace) {
            return Some("Please enter an e-mail address.");
        }
        if self.password.chars().count() < 8 || self.password.len() > 200 {
            return Some("Please choose a password of at least 8 characters.");
        }
        None
    }
}

async fn show_login(State(app): Shared, Query(opened): Query<Opened>, headers: HeaderMap) -> Response {
    let back = app.back(&headers, &opened.back);
    shown(StatusCode::OK, pages::login(&Shown { back: &back, ..Shown::default() }))
}

async fn show_register(State(app): Shared, Query(opened): Query<Opened>, headers: HeaderMap) -> Response {
    let back = app.back(&headers, &opened.back);
    shown(StatusCode::OK, pages::register(&Shown { back: &back, ..Shown::default() }))
}

fn sold(app: &App) -> Vec<(String, String)> {
    app.config.plans.iter().map(|plan| (plan.id.clone(), plan.name.clone())).collect()
}

async fn show_subscribe(State(app): Shared, Query(opened): Query<Opened>, headers: HeaderMap) -> Answer {
    let back = app.back(&headers, &opened.back);
    let has_account = app.reader(&headers).await?.is_some();
    let form = Shown { back: &back, plan: &opened.plan, ..Shown::default() };
    Ok(shown(StatusCode::OK, pages::subscribe(&form, &sold(&app), has_account)))
}

async fn login(
    State(app): Shared,
    Network(network): Network,
    headers: HeaderMap,
    OwnForm(sent): OwnForm<Sent>,
) -> Answer {
    let back = app.back(&headers, &sent.back);
    let email = sent.address();
    let refused = |status, problem| {
        let form = Shown { back: &back, email: &email, problem, ..Shown::default() };
        Ok(shown(status, pages::login(&form)))
    };
    if !app.may_try(&email, &network).await? {
        return refused(StatusCode::TOO_MANY_REQUESTS, TOO_MANY);
    }
    let account = app.store.by_email(&email).await?;
    let fits = sent.password.len() <= 200 && app.is_password(&sent.password, account.as_ref()).await?;
    match account {
        Some(account) if fits => app.let_in(&account, &back, &headers).await,
        _ => refused(StatusCode::UNAUTHORIZED, "No account has this address and password."),
    }
}

/// Makes an account of what was sent, or says what is wrong.
async fn new_account(app: &App, sent: &Sent, network: &str) -> Result<Result<Account, &'static str>> {
    if let Some(problem) = sent.problem() {
        return Ok(Err(problem));
    }
    if !app.may_try(&sent.address(), network).await? {
        return Ok(Err(TOO_MANY));
    }
    let hash = app.password_hash(&sent.password).await?;
    let id = secrets::random()?;
    if !app.store.add_account(&id, &sent.address(), &hash).await? {
        return Ok(Err("This address has an account already. Please log in."));
    }
    Ok(app.store.by_email(&sent.address()).await?.ok_or("Please try again."))
}

async fn register(
    State(app): Shared,
    Network(network): Network,
    headers: HeaderMap,
    OwnForm(sent): OwnForm<Sent>,
) -> Answer {
    let back = app.back(&headers, &sent.back);
    match new_account(&app, &sent, &network).await? {
        Ok(account) => app.let_in(&account, &back, &headers).await,
        Err(problem) => {
            let form = Shown { back: &back, email: &sent.email, problem, ..Shown::default() };
            Ok(shown(StatusCode::UNPROCESSABLE_ENTITY, pages::register(&form)))
        }
    }
}

async fn subscribe(
    State(app): Shared,
    Network(network): Network,
    headers: HeaderMap,
    OwnForm(sent): OwnForm<Sent>,
) -> Answer {
    let back = app.back(&headers, &sent.back);
    let reader = app.reader(&headers).await?;
    let refused = |problem, has_account| {
        let form = Shown { back: &back, email: &sent.email, plan: &sent.plan, problem };
        Ok(shown(StatusCode::UNPROCESSABLE_ENTITY, pages::subscribe(&form, &sold(&app), has_account)))
    };
    let Some(plan) = app.config.plans.iter().find(|plan| plan.id == sent.plan) else {
        return refused("Please choose a plan.", reader.is_some());
    };
    if plan.payment.is_empty() && !app.config.is_demonstration {
        return refused("This plan cannot be had yet.", reader.is_some());
    }
    let (mut account, cookie) = match reader {
        Some(account) => (account, None),
        None => match new_account(&app, &sent, &network).await? {
            Ok(account) => {
                let cookie = app.begin(&account.id, &headers).await?;
                (account, Some(cookie))
            }
            Err(problem) => return refused(problem, false),
        },
    };
    let response = if plan.payment.is_empty() {
        account.plan.clone_from(&plan.id);
        account.ends = now() + DEMONSTRATION;
        app.store.subscribe(&account.id, &account.plan, account.ends, now()).await?;
        app.send_back(&account, &back)?
    } else {
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let address = plan
            .payment
            .replace("{email}", &encoded(&account.email))
            .replace("{account}", &encoded(&account.id))
            .replace("{return_url}", &encoded(&back));
        redirect(&address)
    };
    Ok(match cookie {
        Some(cookie) => with_cookie(response, cookie),
        None => response,
    })
}

#[derive(Debug, Default, Deserialize)]
struct Leaving {
    #[serde(default, rename = "return")]
    back: String,
}

async fn logout(State(app): Shared, headers: HeaderMap, OwnForm(leaving): OwnForm<Leaving>) -> Answer {
    if let Some(secret) = session(&headers) {
        app.store.end_session(&secrets::hashed(&secret)).await?;
    }
    // Empty: the token that is kept is forgotten.
    let address = format!("{}#tollgate-token=", app.back(&headers, &leaving.back));
    Ok(with_cookie(redirect(&address), app.cookie("", 0)?))
}

async fn account(State(app): Shared, headers: HeaderMap) -> Answer {
    Ok(match app.reader(&headers).await? {
        Some(account) => {
            let plan = match (account.subscribes(now()), account.plan.as_str()) {
                (false, _) => "",
                (true, "") => "a plan",
                (true, plan) => plan,
            };
            shown(StatusCode::OK, pages::account(&account.email, plan))
        }
        None => redirect("/login?return=%2Faccount"),
    })
}

// Gifts, keys, health, files.

#[derive(Debug, Default, Deserialize)]
struct Given {
    #[serde(default)]
    article: String,
}

async fn gift(State(app): Shared, Query(given): Query<Given>, headers: HeaderMap) -> Answer {
    // Another site's link to this address would use one up.
    if headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site") {
        return Ok((StatusCode::FORBIDDEN, "Asked from another site.").into_response());
    }
    let Some(account) = app.reader(&headers).await?.filter(|account| account.subscribes(now())) else {
        return Ok((StatusCode::FORBIDDEN, "For subscribers.").into_response());
    };
    let article = app.back(&headers, &given.article);
    // What leads elsewhere leads to the front page.
    let is_front = article == app.back(&headers, "");
    let token = signing::gift(&app.config.issuer, &app.config.site, &article);
    let Ok(token) = token.lasting(7 * 86_400).sign(&app.key, now()) else {
        return Ok((StatusCode::BAD_REQUEST, "This address can't be given away.").into_response());
    };
    if is_front {
        return Ok((StatusCode::BAD_REQUEST, "Expected article: an address of this site.").into_response());
    }
    if !app.store.give(&account.id, &month(now()), &article, app.config.gifts).await? {
        return Ok((StatusCode::TOO_MANY_REQUESTS, "No more gifts this month.").into_response());
    }
    let link = format!("{article}#tollgate-gift={token}");
    Ok(([(header::CACHE_CONTROL, "no-store")], axum::Json(json!({ "link": link }))).into_response())
}

async fn keys(State(app): Shared) -> Answer {
    let jwk: Value = serde_json::from_str(&app.key.public_jwk())?;
    Ok(axum::Json(json!({ "keys": [jwk], "attributes": app.attributes() })).into_response())
}

async fn health(State(app): Shared) -> Response {
    if app.store.is_there().await {
        "ok".into_response()
    } else {
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    }
}

async fn file(State(app): Shared, headers: HeaderMap, uri: Uri) -> Answer {
    // As a form's value is decoded, in which a plus would be a blank.
    let escaped = uri.path().replace('+', "%2B");
    let path = url::form_urlencoded::parse(escaped.as_bytes())
        .next()
        .map_or(String::new(), |(name, _)| name.into_owned());
    let is_page = path.ends_with('/') || path.ends_with(".html");
    let account = if is_page { app.reader(&headers).await? } else { None };
    let reader = match &account {
        None => files::Reader::Anonymous,
        Some(account) if account.subscribes(now()) => files::Reader::Subscriber(&account.plan),
        Some(_) => files::Reader::Registered,
    };
    Ok(files::serve(&app.config.files, &path, &app.attributes(), reader).await)
}

/// The addresses that these pages have in the demo as it is without a server.
async fn moved(uri: Uri) -> Response {
    redirect(&uri.to_string().replacen(".html", "", 1))
}

/// Writes down what was asked and what came of it; no parameters, addresses or secrets.
async fn logged(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let begun = Instant::now();
    let response = next.run(request).await;
    let milliseconds = begun.elapsed().as_millis();
    tracing::info!("{method} {path:?} {} {milliseconds} ms", response.status().as_u16());
    response
}

#[cfg(test)]
mod tests {
    use super::month;

    #[test]
    fn months_are_those_of_the_calendar() {
        assert_eq!(month(0), "1970-01");
        assert_eq!(month(951_782_399), "2000-02");
        assert_eq!(month(951_868_800), "2000-03");
        assert_eq!(month(1_796_083_199), "2026-11");
        assert_eq!(month(1_796_083_200), "2026-12");
    }
}
