//! The endpoint as its clients meet it, on SQLite and on PostgreSQL: each test starts instances of the program on free ports, and ends them
//! by their ids, also when it fails.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// A folder of this test's own, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NTH: AtomicU32 = AtomicU32::new(0);
        let name = format!("tollgate-endpoint-{}-{}", std::process::id(), NTH.fetch_add(1, Ordering::SeqCst));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        Folder(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A database server of the tests' own, started once; nothing where there is none on this machine.
struct Postgres {
    child: Child,
    port: u16,
    _folder: Folder,
}

static POSTGRES: OnceLock<Mutex<Option<Postgres>>> = OnceLock::new();

/// As root the server refuses to run: then as nobody else's user.
fn as_server(program: &Path) -> Command {
    if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0)
}

fn start_postgres() -> Result<Postgres, String> {
    let programs = std::fs::read_dir("/usr/lib/postgresql")
        .map_err(|_| "no PostgreSQL in /usr/lib/postgresql (Debian: apt-get install postgresql)")?;
    let bin = programs
        .flatten()
        .map(|version| version.path().join("bin"))
        .find(|bin| bin.join("initdb").is_file())
        .ok_or("no initdb")?;
    let folder = Folder::new();
    let data = folder.0.join("data");
    if is_root() {
        let owned = Command::new("chown")
            .arg("postgres")
            .arg(&folder.0)
            .status()
            .map_err(|error| error.to_string())?;
        if !owned.success() {
            return Err("there is no user postgres".into());
        }
    }
    let made = as_server(&bin.join("initdb"))
        .args(["-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "-D"])
        .arg(&data)
        .current_dir(&folder.0)
        .output()
        .map_err(|error| error.to_string())?;
    if !made.status.success() {
        return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr)));
    }
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map_err(|error| error.to_string())?
        .port();
    let child = as_server(&bin.join("postgres"))
        .args([
            "-h",
            "127.0.0.1",
            "-p",
            &port.to_string(),
            "-c",
            "fsync=off",
            "-c",
            "unix_socket_directories=",
            "-D",
        ])
        .arg(&data)
        .current_dir(&folder.0)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let postgres = Postgres { child, port, _folder: folder };
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if begun.elapsed() > Duration::from_secs(30) {
            return Err("it does not listen".into());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(postgres)
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// One database for a test: of SQLite, or a new one of the server's.
fn database(kind: &str, folder: &Folder) -> Option<String> {
    static NTH: AtomicU32 = AtomicU32::new(0);
    if kind == "sqlite" {
        return Some(format!("sqlite://{}", folder.0.join("endpoint.db").display()));
    }
    let postgres = POSTGRES.get_or_init(|| Mutex::new(None)).lock().unwrap_or_else(PoisonError::into_inner);
    let port = postgres.as_ref()?.port;
    let name = format!("t{}", NTH.fetch_add(1, Ordering::SeqCst));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        use sqlx::Connection as _;
        let begun = Instant::now();
        loop {
            let address = format!("postgres://postgres@127.0.0.1:{port}/postgres");
            match sqlx::PgConnection::connect(&address).await {
                Ok(mut connection) => {
                    sqlx::query(&format!("CREATE DATABASE {name}"))
                        .execute(&mut connection)
                        .await
                        .expect("made");
                    return;
                }
                Err(error) if begun.elapsed() > Duration::from_secs(20) => panic!("{error}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    });
    Some(format!("postgres://postgres@127.0.0.1:{port}/{name}"))
}

/// A running instance.
struct Instance {
    child: Child,
    port: u16,
}

impl Instance {
    fn start(database: &str, origin: Option<&str>, more: &[&str]) -> Instance {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate-endpoint"));
        command.args(["--listen", "127.0.0.1:0", "--database", database, "--limit", "2"]).args(more);
        if let Some(origin) = origin {
            command.args(["--origin", origin]);
        }
        command.env("TOLLGATE_STRIPE_SECRET", "whsec_test").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output"))
            .read_line(&mut line)
            .expect("it says where it listens");
        let port = line
            .trim()
            .rsplit_once(':')
            .and_then(|(_, port)| port.parse().ok())
            .unwrap_or_else(|| panic!("{line:?}"));
        let instance = Instance { child, port };
        let begun = Instant::now();
        while instance.try_get("/health").is_none_or(|answer| answer.status != 200) {
            assert!(begun.elapsed() < Duration::from_secs(20), "it is not there");
            std::thread::sleep(Duration::from_millis(50));
        }
        instance
    }

    fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn try_get(&self, path: &str) -> Option<Answer> {
        request(self.port, "GET", path, &[], "")
    }

    fn get(&self, path: &str, cookie: &str) -> Answer {
        request(self.port, "GET", path, &[("Cookie", cookie)], "").expect("an answer")
    }

    /// Sends a form from the publisher's own page.
    fn send(&self, origin: &str, path: &str, cookie: &str, form: &str) -> Answer {
        let headers =
            [("Cookie", cookie), ("Origin", origin), ("Content-Type", "application/x-www-form-urlencoded")];
        request(self.port, "POST", path, &headers, form).expect("an answer")
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(5) {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The session's cookie, as it is sent back.
    fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap_or("").to_owned()
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

fn request(port: u16, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    Some(Answer { status, headers, body: body.to_owned() })
}

const FROGS: &str = "/entitlement?url=http%3A%2F%2Fx%2Ffrogs&article=frogsfrogsfrogsf&site=meridian";

fn article(name: &str) -> String {
    FROGS.replace("frogsfrogsfrogsf", &format!("{name:x<16}"))
}

/// Runs a test on both databases.
fn on_both(test: impl Fn(&str)) {
    {
        let mut postgres =
            POSTGRES.get_or_init(|| Mutex::new(None)).lock().unwrap_or_else(PoisonError::into_inner);
        if postgres.is_none() {
            match start_postgres() {
                Ok(started) => *postgres = Some(started),
                Err(reason) => println!("NOT RUN on PostgreSQL: {reason}"),
            }
        }
    }
    for kind in ["sqlite", "postgres"] {
        let folder = Folder::new();
        if let Some(database) = database(kind, &folder) {
            println!("on {kind}");
            test(&database);
        }
    }
}

fn registered(instance: &Instance, email: &str) -> String {
    let origin = instance.origin();
    let answer = instance.send(
        &origin,
        "/register",
        "",
        &format!("email={email}&password=correct+horse&return=%2Ffrogs"),
    );
    assert_eq!(answer.status, 303, "{answer:?}");
    assert_eq!(answer.header("location"), format!("{origin}/frogs"));
    answer.cookie()
}

#[test]
fn all_of_it() {
    // One after the other: each needs the machine.
    let _end = EndPostgres;
    on_both(a_reader_subscribes_reads_on_and_logs_out);
    on_both(the_meter_counts_each_article_once_and_no_more_than_the_limit);
    on_both(two_instances_share_what_they_know);
    on_both(sessions_are_new_hashed_and_end);
    on_both(forms_of_others_and_bad_ones_are_refused);
    on_both(readers_are_sent_back_to_the_publishers_pages_alone);
    on_both(answers_are_for_the_publishers_origins);
    on_both(payment_is_told_by_signed_events_once);
    on_both(gifts_are_for_subscribers_and_few);
    on_both(it_starts_again_where_it_was_killed);
    on_both(nobody_keeps_others_out_by_wrong_passwords);
    on_both(what_others_link_to_uses_nothing_up);
    on_both(nothing_is_given_away_unless_it_is_a_demonstration);
    on_both(it_ends_when_it_is_asked_to);
}

/// Ends the database server with the test, also when that fails.
struct EndPostgres;

impl Drop for EndPostgres {
    fn drop(&mut self) {
        if let Some(postgres) = POSTGRES.get() {
            drop(postgres.lock().unwrap_or_else(PoisonError::into_inner).take());
        }
    }
}

fn a_reader_subscribes_reads_on_and_logs_out(database: &str) {
    let instance = Instance::start(database, None, &[]);
    let origin = instance.origin();
    assert_eq!(
        instance.get(FROGS, "").json(),
        serde_json::json!({ "granted": false, "data": { "isLoggedIn": false } })
    );
    assert!(
        instance
            .get("/subscribe?plan=annual-access&return=%2Ffrogs", "")
            .body
            .contains("value=\"annual-access\" checked")
    );
    let form = "email=Ada%40Example.com&password=correct+horse&plan=annual-access&return=%2Ffrogs";
    let answer = instance.send(&origin, "/subscribe", "", form);
    assert_eq!(answer.status, 303, "{answer:?}");
    let (page, token) = answer.header("location").split_once("#tollgate-token=").expect("a token");
    assert_eq!(page, format!("{origin}/frogs"));
    // What the widget does with it.
    let keys = instance.get("/keys", "").json();
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time").as_secs() as i64;
    let verified = tollgate::signing::verify(token, &keys["keys"].to_string(), &origin, "meridian", now)
        .expect("a good token");
    assert_eq!(verified.json["tier"], "subscriber");
    assert!(!verified.json.to_string().contains("Ada"), "it names nobody");
    let cookie = answer.cookie();
    let known = instance.get(FROGS, &cookie).json();
    assert_eq!(
        (&known["granted"], &known["grantReason"], &known["data"]["tier"]),
        (&true.into(), &"SUBSCRIBER".into(), &"subscriber".into())
    );
    assert!(known["data"]["token"].as_str().is_some_and(|token| token.split('.').count() == 3));
    assert!(instance.get("/account", &cookie).body.contains("annual-access"));
    let answer = instance.send(&origin, "/logout", &cookie, "return=%2Ffrogs");
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, format!("{origin}/frogs#tollgate-token=").as_str())
    );
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(instance.get(FROGS, &cookie).json()["granted"], false);
    // And back, however the address is written.
    let answer =
        instance.send(&origin, "/login", "", "email=ada%40example.COM&password=correct+horse&return=%2F");
    assert_eq!(answer.status, 303, "{answer:?}");
    assert_eq!(instance.get(FROGS, &answer.cookie()).json()["granted"], true);
}

fn the_meter_counts_each_article_once_and_no_more_than_the_limit(database: &str) {
    let instance = Instance::start(database, None, &[]);
    let cookie = registered(&instance, "ada%40example.com");
    for _ in 0..3 {
        let first = instance.get(&article("a"), &cookie).json();
        assert_eq!((&first["granted"], &first["grantReason"]), (&true.into(), &"METERING".into()), "{first}");
        assert_eq!(
            (&first["data"]["articlesRead"], &first["data"]["articlesLeft"], &first["data"]["articleLimit"]),
            (&1.into(), &1.into(), &2.into())
        );
    }
    // Many at once get the one that is left, and no more.
    let granted: usize = std::thread::scope(|scope| {
        let (instance, cookie) = (&instance, &cookie);
        let all: Vec<_> = (0..12)
            .map(|nth| {
                scope.spawn(move || {
                    usize::from(instance.get(&article(&format!("n{nth}")), cookie).json()["granted"] == true)
                })
            })
            .collect();
        all.into_iter().map(|one| one.join().expect("an answer")).sum()
    });
    assert_eq!(granted, 1);
    let last = instance.get(&article("z"), &cookie).json();
    assert_eq!((&last["granted"], &last["data"]["articlesLeft"]), (&false.into(), &0.into()), "{last}");
    // What was read stays readable, and another account has its own.
    assert_eq!(instance.get(&article("a"), &cookie).json()["granted"], true);
    let other = registered(&instance, "bob%40example.com");
    assert_eq!(instance.get(&article("z"), &other).json()["granted"], true);
}

fn two_instances_share_what_they_know(database: &str) {
    let origin = "https://news.example";
    let instances: Vec<Instance> = std::thread::scope(|scope| {
        // At once, on a database that has nothing yet.
        let starting: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| Instance::start(database, Some(origin), &["--demonstration"])))
            .collect();
        starting.into_iter().map(|one| one.join().expect("started")).collect()
    });
    let keys: Vec<_> =
        instances.iter().map(|instance| instance.get("/keys", "").json()["keys"].clone()).collect();
    assert_eq!(keys[0], keys[1], "they sign with one key");
    let answer = instances[0].send(
        origin,
        "/subscribe",
        "",
        "email=ada%40example.com&password=correct+horse&plan=free-trial&return=%2Ffrogs",
    );
    let cookie = answer.cookie();
    assert!(answer.header("set-cookie").contains("; Secure"), "{answer:?}");
    for nth in 0..6 {
        assert_eq!(instances[nth % 2].get(FROGS, &cookie).json()["granted"], true, "request {nth}");
    }
    instances[1].send(origin, "/logout", &cookie, "");
    assert_eq!(instances[0].get(FROGS, &cookie).json()["granted"], false);
}

fn sessions_are_new_hashed_and_end(database: &str) {
    let instance = Instance::start(database, None, &[]);
    let origin = instance.origin();
    let first = registered(&instance, "ada%40example.com");
    let flags = instance
        .send(&origin, "/login", "", "email=ada%40example.com&password=correct+horse")
        .header("set-cookie")
        .to_owned();
    for flag in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(flags.contains(flag), "{flags}");
    }
    // A session that somebody knew before the log-in is worth nothing afterwards (fixation).
    let second =
        instance.send(&origin, "/login", &first, "email=ada%40example.com&password=correct+horse").cookie();
    assert_ne!(first, second);
    assert_eq!(instance.get("/account", &first).status, 303);
    assert_eq!(instance.get("/account", &second).status, 200);
    // One that was made up is none.
    let made_up = format!("meridian_session={}", "A".repeat(43));
    assert_eq!(instance.get("/account", &made_up).status, 303);
    // Wrong passwords: refused alike, and only so many.
    let wrong =
        |email: &str| instance.send(&origin, "/login", "", &format!("email={email}&password=wrong-one"));
    let (known, unknown) = (wrong("ada%40example.com"), wrong("eve%40example.com"));
    assert_eq!((known.status, unknown.status), (401, 401));
    assert_eq!(known.body.replace("ada", "x"), unknown.body.replace("eve", "x"), "they say the same");
    let statuses: Vec<u16> = (0..10).map(|_| wrong("ada%40example.com").status).collect();
    assert!(statuses.contains(&429), "{statuses:?}");
    assert_eq!(
        instance.send(&origin, "/login", "", "email=ada%40example.com&password=correct+horse").status,
        429
    );
}

fn forms_of_others_and_bad_ones_are_refused(database: &str) {
    let instance = Instance::start(database, None, &[]);
    let origin = instance.origin();
    let cookie = registered(&instance, "ada%40example.com");
    for path in ["/login", "/register", "/subscribe", "/logout"] {
        assert_eq!(
            instance.send("https://evil.example", path, &cookie, "plan=free-trial").status,
            403,
            "{path}"
        );
        let headers = [
            ("Cookie", cookie.as_str()),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Sec-Fetch-Site", "cross-site"),
        ];
        assert_eq!(
            request(instance.port, "POST", path, &headers, "plan=free-trial").expect("an answer").status,
            403,
            "{path}"
        );
    }
    assert_eq!(instance.get("/account", &cookie).status, 200, "the session is still there");
    for (form, status) in [
        ("email=nobody&password=correct+horse", 422),
        ("email=a%40b.c&password=short", 422),
        ("email=ada%40example.com&password=correct+horse", 422),
    ] {
        let answer = instance.send(&origin, "/register", "", form);
        assert_eq!(answer.status, status, "{form}");
        assert!(answer.body.contains("role=\"alert\""), "{form}");
    }
    // What was typed comes back as text.
    let answer = instance.send(
        &origin,
        "/register",
        "",
        "email=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&password=short",
    );
    assert!(!answer.body.contains("<script>") && answer.body.contains("&lt;script&gt;"));
    assert!(answer.header("content-security-policy").contains("default-src 'none'"));
    assert_eq!(instance.send(&origin, "/subscribe", &cookie, "plan=for-free").status, 422);
    assert_eq!(instance.send(&origin, "/register", "", &"x".repeat(100_000)).status, 413);
    for bad in [
        "/entitlement",
        "/entitlement?article=short",
        "/entitlement?article=frogsfrogsfrogs%27",
        &FROGS.replace("meridian", "other"),
    ] {
        assert_eq!(instance.get(bad, &cookie).status, 400, "{bad}");
    }
    assert_eq!(instance.get(&format!("{FROGS}&url={}", "x".repeat(9000)), &cookie).status, 400);
}

fn readers_are_sent_back_to_the_publishers_pages_alone(database: &str) {
    let instance = Instance::start(database, None, &["--also-origin", "https://www.news.example"]);
    let origin = instance.origin();
    // Each with an account of its own: one may not be logged in to as often.
    let nth = AtomicU32::new(0);
    let back = |to: &str| {
        let to: String = url::form_urlencoded::byte_serialize(to.as_bytes()).collect();
        let name = nth.fetch_add(1, Ordering::SeqCst);
        let form = format!("email=u{name}%40example.com&password=correct+horse&return={to}");
        instance.send(&origin, "/register", "", &form).header("location").to_owned()
    };
    let home = format!("{origin}/");
    assert_eq!(back("/frogs?p=1"), format!("{origin}/frogs?p=1"));
    assert_eq!(back(&format!("{origin}/toads")), format!("{origin}/toads"));
    assert_eq!(back("https://www.news.example/newts"), "https://www.news.example/newts");
    for evil in [
        "https://evil.example/",
        "//evil.example/x",
        "/\\evil.example",
        "https:evil.example/y",
        "javascript:alert(1)",
        "https://www.news.example@evil.example/z",
        "https://ada:b@www.news.example/",
    ] {
        assert_eq!(back(evil), home, "{evil}");
    }
}

fn answers_are_for_the_publishers_origins(database: &str) {
    let instance = Instance::start(database, None, &["--also-origin", "https://www.news.example"]);
    let asked =
        |origin: &str| request(instance.port, "GET", FROGS, &[("Origin", origin)], "").expect("an answer");
    let answer = asked("https://www.news.example");
    assert_eq!(answer.header("access-control-allow-origin"), "https://www.news.example");
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
    assert!(answer.header("vary").contains("Origin"));
    assert_eq!(answer.header("cache-control"), "no-store");
    for other in ["https://evil.example", "null", "https://www.news.example.evil.example"] {
        assert_eq!(asked(other).header("access-control-allow-origin"), "", "{other}");
    }
}

fn payment_is_told_by_signed_events_once(database: &str) {
    let link = "paid=Paid=https://pay.example/x?id={account}&mail={email}&back={return_url}";
    let instance = Instance::start(database, None, &["--plan", link]);
    let paying = registered(&instance, "ada%40example.com");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time").as_secs();
    // The account's id is what the payment link carries.
    let answer = instance.send(&instance.origin(), "/subscribe", &paying, "plan=paid&return=%2Ffrogs");
    let (page, carried) = answer.header("location").split_once('?').expect("a payment link");
    assert_eq!((answer.status, page), (303, "https://pay.example/x"));
    let carried: std::collections::HashMap<_, _> = url::form_urlencoded::parse(carried.as_bytes()).collect();
    assert_eq!(
        (&*carried["mail"], &*carried["back"]),
        ("ada@example.com", &*format!("{}/frogs", instance.origin()))
    );
    let account = carried["id"].to_string();
    assert_eq!(instance.get(FROGS, &paying).json()["grantReason"], "METERING", "nothing is paid yet");
    let event = |id: &str, created: u64, kind: &str, object: serde_json::Value| {
        serde_json::json!({ "id": id, "type": kind, "created": created, "data": { "object": object } })
            .to_string()
    };
    let tell = |body: &str, time: u64| {
        use hmac::{KeyInit as _, Mac as _};
        let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(b"whsec_test").expect("a key");
        mac.update(format!("{time}.{body}").as_bytes());
        let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let signature = format!("t={time},v1={hex}");
        let headers = [("Stripe-Signature", signature.as_str())];
        request(instance.port, "POST", "/webhook/stripe", &headers, body).expect("an answer").status
    };
    // Another reader of the same instance, who has nothing: the events below are all of that one.
    let granted = || instance.get(FROGS, &paying).json()["grantReason"] == "SUBSCRIBER";
    let ends = now + 30 * 86_400;
    let completed = |id: &str, account: &str| {
        let object = serde_json::json!({
            "id": "cs_1", "customer": "cus_1", "subscription": "sub_1", "client_reference_id": account,
            "payment_status": "paid", "metadata": { "plan": "annual-access" } });
        event(id, now, "checkout.session.completed", object)
    };
    let invoice = |id: &str, customer: &str, subscription: &str, created: u64| {
        let object = serde_json::json!({
            "customer": customer, "parent": { "subscription_details": { "subscription": subscription } },
            "lines": { "data": [{ "period": { "end": ends } }] } });
        event(id, created, "invoice.paid", object)
    };
    let subscription = |id: &str, kind: &str, created: u64, subscription: &str, status: &str| {
        let object = serde_json::json!({
            "id": subscription, "customer": "cus_1", "status": status, "ended_at": created,
            "items": { "data": [{ "current_period_end": ends }] } });
        event(id, created, &format!("customer.subscription.{kind}"), object)
    };
    // In the order in which they should not come: the invoice is there before anybody knows whose it is.
    assert_eq!(tell(&invoice("evt_1", "cus_1", "sub_1", now), now), 200);
    assert_eq!(tell(&invoice("evt_2", "cus_2", "sub_2", now), now), 200);
    assert!(!granted(), "nobody knows yet whose that is");
    let unpaid = completed("evt_3", &account).replace("\"paid\"", "\"unpaid\"");
    assert_eq!(tell(&unpaid, now), 200);
    assert!(!granted(), "not paid yet");
    assert_eq!(tell(&completed("evt_4", "no-account"), now), 200);
    assert!(!granted(), "of nobody here");
    assert_eq!(tell(&completed("evt_5", &account), now), 200);
    assert!(granted());
    assert!(instance.get("/account", &paying).body.contains("annual-access"));
    // What was paid counts, not the first few days: the token says how long, an hour at most.
    assert_eq!(tell(&subscription("evt_6", "updated", now + 10, "sub_1", "unpaid"), now), 200);
    assert!(!granted(), "it is not paid any more");
    assert_eq!(tell(&invoice("evt_7", "cus_1", "sub_1", now + 5), now), 200);
    assert_eq!(tell(&subscription("evt_8", "updated", now + 5, "sub_1", "active"), now), 200);
    assert!(!granted(), "what is older changes nothing");
    assert_eq!(tell(&subscription("evt_9", "updated", now + 20, "sub_1", "active"), now), 200);
    assert!(granted());
    // A second subscription: the end of the first is not the end of both.
    assert_eq!(tell(&invoice("evt_10", "cus_1", "sub_3", now + 20), now), 200);
    let deleted = subscription("evt_11", "deleted", now - 1, "sub_1", "canceled");
    assert_eq!(tell(&deleted, now), 200);
    assert!(granted());
    assert_eq!(tell(&subscription("evt_12", "deleted", now - 1, "sub_3", "canceled"), now), 200);
    assert!(!granted(), "both have ended");
    // Told again, or late, nothing changes; what has ended for good stays so.
    assert_eq!(tell(&subscription("evt_9", "updated", now + 20, "sub_1", "active"), now), 200);
    assert_eq!(tell(&subscription("evt_13", "updated", now + 30, "sub_1", "active"), now), 200);
    assert_eq!(tell(&completed("evt_5", &account), now), 200);
    assert!(!granted());
    // Many times at once is once, and never a failure.
    let again = invoice("evt_14", "cus_1", "sub_4", now + 40);
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..8).map(|_| scope.spawn(|| tell(&again, now))).collect();
        for one in all {
            assert_eq!(one.join().expect("an answer"), 200);
        }
    });
    assert!(granted());
    let deleted = subscription("evt_15", "deleted", now - 1, "sub_4", "canceled");
    let unsigned =
        request(instance.port, "POST", "/webhook/stripe", &[("Stripe-Signature", "t=1,v1=00")], &deleted)
            .expect("an answer");
    assert_eq!(unsigned.status, 400);
    assert_eq!(tell(&deleted, now - 301), 400);
    assert_eq!(tell(&deleted, now + 400), 400);
    assert!(granted());
}

fn gifts_are_for_subscribers_and_few(database: &str) {
    let instance = Instance::start(database, None, &["--gifts", "2"]);
    let cookie = registered(&instance, "ada%40example.com");
    assert_eq!(instance.get("/gift?article=%2Ffrogs", &cookie).status, 403);
    instance.send(&instance.origin(), "/subscribe", &cookie, "plan=free-trial");
    let link =
        instance.get("/gift?article=%2Ffrogs", &cookie).json()["link"].as_str().expect("a link").to_owned();
    assert!(link.starts_with(&format!("{}/frogs#tollgate-gift=", instance.origin())), "{link}");
    assert_eq!(instance.get("/gift?article=%2Ftoads", &cookie).status, 200);
    assert_eq!(instance.get("/gift?article=%2Fnewts", &cookie).status, 429);
    assert_eq!(
        instance.get("/gift?article=%2Ffrogs", &cookie).status,
        200,
        "one that was given may be given again"
    );
}

fn it_starts_again_where_it_was_killed(database: &str) {
    let mut instance = Instance::start(database, Some("https://news.example"), &["--demonstration"]);
    let answer = instance.send(
        "https://news.example",
        "/subscribe",
        "",
        "email=ada%40example.com&password=correct+horse&plan=free-trial",
    );
    let cookie = answer.cookie();
    let port = instance.port;
    // Killed while many write.
    std::thread::scope(|scope| {
        for nth in 0..8 {
            scope.spawn(move || {
                request(
                    port,
                    "POST",
                    "/register",
                    &[
                        ("Origin", "https://news.example"),
                        ("Content-Type", "application/x-www-form-urlencoded"),
                    ],
                    &format!("email=u{nth}%40example.com&password=correct+horse"),
                )
            });
        }
        instance.child.kill().expect("killed");
        instance.child.wait().expect("over");
    });
    let again = Instance::start(database, Some("https://news.example"), &["--demonstration"]);
    assert_eq!(again.get(FROGS, &cookie).json()["granted"], true, "sessions and subscriptions are there");
}

fn nobody_keeps_others_out_by_wrong_passwords(database: &str) {
    let instance = Instance::start(database, None, &["--proxies", "1"]);
    let origin = instance.origin();
    let from = |address: &str, password: &str| {
        let headers = [
            ("Origin", origin.as_str()),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("X-Forwarded-For", address),
        ];
        let form = format!("email=ada%40example.com&password={password}");
        request(instance.port, "POST", "/login", &headers, &form).expect("an answer").status
    };
    registered(&instance, "ada%40example.com");
    // Many at once are no more than one after the other.
    let refused: usize = std::thread::scope(|scope| {
        let all: Vec<_> = (0..20).map(|_| scope.spawn(|| from("203.0.113.9", "wrong-one"))).collect();
        all.into_iter().map(|one| usize::from(one.join().expect("an answer") == 429)).sum()
    });
    assert!(refused >= 10, "{refused} of 20");
    // What a client says before the own proxy's word is nothing.
    assert_eq!(from("198.51.100.1, 203.0.113.9", "correct+horse"), 429);
    assert_eq!(from("203.0.113.9, 198.51.100.1", "correct+horse"), 303);
    assert_eq!(from("2001:db8:1:1::9", "correct+horse"), 303);
}

fn what_others_link_to_uses_nothing_up(database: &str) {
    let instance = Instance::start(database, None, &[]);
    let cookie = registered(&instance, "ada%40example.com");
    let with = |name: &str, value: &str, path: &str| {
        request(instance.port, "GET", path, &[("Cookie", &cookie), (name, value)], "").expect("an answer")
    };
    for (name, value) in
        [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Origin", "https://evil.example")]
    {
        let answer = with(name, value, FROGS).json();
        assert_eq!(
            (&answer["granted"], &answer["data"]["articlesRead"]),
            (&false.into(), &0.into()),
            "{name}"
        );
    }
    let answer = with("Sec-Fetch-Site", "same-origin", FROGS).json();
    assert_eq!((&answer["granted"], &answer["data"]["articlesRead"]), (&true.into(), &1.into()));
    instance.send(&instance.origin(), "/subscribe", &cookie, "plan=free-trial");
    assert_eq!(with("Sec-Fetch-Site", "cross-site", "/gift?article=%2Ffrogs").status, 403);
    for elsewhere in ["https%3A%2F%2Fevil.example%2Ffrogs", "%2F", ""] {
        assert_eq!(instance.get(&format!("/gift?article={elsewhere}"), &cookie).status, 400, "{elsewhere}");
    }
}

fn nothing_is_given_away_unless_it_is_a_demonstration(database: &str) {
    let origin = "https://news.example";
    let instance = Instance::start(database, Some(origin), &[]);
    let form = "email=ada%40example.com&password=correct+horse&plan=annual-access";
    assert_eq!(instance.send(origin, "/subscribe", "", form).status, 422);
    // Without encryption only on this machine.
    let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate-endpoint"));
    command.args(["--listen", "127.0.0.1:0", "--database", database, "--origin", "http://news.example"]);
    let output = command.output().expect("it starts");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("need https"), "{output:?}");
    // By both names of this machine.
    let instance = Instance::start(database, None, &[]);
    let local = format!("http://localhost:{}", instance.port);
    assert_eq!(instance.send(&local, "/subscribe", "", &form.replace("ada", "bob")).status, 303);
}

fn it_ends_when_it_is_asked_to(database: &str) {
    let mut instance = Instance::start(database, None, &[]);
    // One that says nothing, or only half, keeps it no longer than a request may take.
    let mut idle = TcpStream::connect(("127.0.0.1", instance.port)).expect("connected");
    idle.write_all(b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf").expect("written");
    std::thread::sleep(Duration::from_millis(200));
    let begun = Instant::now();
    let asked = Command::new("kill").arg(instance.child.id().to_string()).status().expect("asked");
    assert!(asked.success());
    while begun.elapsed() < Duration::from_secs(20) {
        if let Some(status) = instance.child.try_wait().expect("its status") {
            assert!(status.success(), "{status}");
            drop(idle);
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it is still there");
}
