import { useEffect, useRef, useState, type ReactNode } from "react";
import { get, lastAsked, send } from "./api";
import { readers, useShared } from "./context";
import { moment, share, time } from "./format";
import { keysOff, useKeys } from "./keys";
import { stream } from "./live/stream";
import { useLive, useView } from "./live/hooks";
import { BandTag, Link, type BandName } from "./parts/basics";
import { Notices } from "./screens/notices";
import { useQueue } from "./screens/queue";
import { choose, go, addressOf, usePlace } from "./url";
import { roleWords } from "./words/en";

interface Found {
  customers: { id: string; name: string | null; segment: string; band: BandName }[];
  holds: { customer: string; order: string }[];
  documents: { customer: string; document: string; isOrder: boolean }[];
}

const sections = ["board", "holds", "alerts", "limits", "policy", "health", "audit", "views", "settings"] as const;

export function Shell({ children }: { children: ReactNode }) {
  const { words, may } = useShared();
  const place = usePlace();
  const [help, setHelp] = useState(false);
  const section = place.path.split("/")[1] === "customers" ? "board" : place.path.split("/")[1];
  useKeys(setHelp);
  return (
    <>
      <a className="skip" href="#main">{words.skip}</a>
      <header>
        <div className="bar">
          <Brand />
          <Search />
          {may(...readers) ? <LiveWord /> : <span className="spring" />}
          <Person />
        </div>
        <Sections current={section ?? ""} />
      </header>
      <Banner />
      <Timeout />
      <main id="main" tabIndex={-1}>{children}</main>
      <Announcer />
      {may(...readers) && <Notices />}
      {help && <Help close={() => setHelp(false)} />}
    </>
  );
}

function Brand() {
  const { words, me } = useShared();
  return (
    <Link to="/board" className="brand">
      <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
        <rect width="32" height="32" rx="6" className="brand-ground" />
        <path d="M6 22h5v4H6zM13.5 16h5v10h-5zM21 8h5v18h-5z" fill="#fff" />
        <path d="M4 12h24" stroke="#ffb000" strokeWidth="2.5" />
      </svg>
      <span>{words.product}</span>
      {me.environment && <span className="environment" data-testid="environment">{me.environment}</span>}
    </Link>
  );
}

function Sections({ current }: { current: string }) {
  const { words, may } = useShared();
  const reads = may(...readers);
  const shown = sections.filter((s) => reads || !["board", "holds", "alerts"].includes(s));
  return (
    <nav aria-label={words.nav.sections}>
      <ul>
        {shown.map((name) => (
          <li key={name}>
            <Link to={"/" + name} current={current === name} testid={"nav-" + name}>
              {words.nav[name]}
              {reads && name === "holds" && <HoldsCount />}
              {reads && name === "alerts" && <AlertsCount isShown={current === name} />}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** A count has its room before it has a figure: what stands beside it does not move when it comes. */
function HoldsCount() {
  const { words } = useShared();
  const { waiting, confirm } = useQueue();
  const open = waiting + confirm > 0;
  return (
    <span className="count-room count-room-two">
      {open && (
        <span className="count" data-testid="count-holds" title={`${words.holds.tabs.decide}: ${waiting}, ${words.holds.tabs.confirm}: ${confirm}`}>
          {waiting}
          {confirm > 0 && <> + {confirm}</>}
        </span>
      )}
    </span>
  );
}

/** The page of the alerts has them all; elsewhere their count is enough, and comes before them. */
function AlertsCount({ isShown }: { isShown: boolean }) {
  const whole = useView(isShown ? "alerts" : "alerts:count")?.whole as { open: number; cut: boolean } | undefined;
  return <span className="count-room">{whole && whole.open > 0 && <span className="count" data-testid="count-alerts">{whole.open}{whole.cut && "+"}</span>}</span>;
}

/** The word, the age and the pause. The age counts by itself; it is in no live region, since it changes all the time. */
function LiveWord() {
  const { words } = useShared();
  const status = useLive();
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const clock = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(clock);
  }, []);
  const age = status.heardAt ? Math.max(0, (now - status.heardAt) / 1_000) : null;
  const word = status.paused ? words.live.paused : words.live[status.word];
  return (
    <div className={`live live-${status.paused ? "paused" : status.word}`} role="group" aria-label={words.live.status}>
      <span className="live-word" data-testid="live-word" data-live={status.word}>{word}</span>
      <span className="live-age" data-testid="live-age">{age === null ? "" : words.live.seconds(age < 10 ? age.toFixed(1) : String(Math.round(age)))}</span>
      <button type="button" className="quiet" data-testid="pause" aria-pressed={status.paused} onClick={() => stream.pause(!status.paused)} title="p">
        {status.paused ? words.live.resume : words.live.pause}
        {status.paused && <span className="newer" data-testid="newer" data-value={status.newer}> {words.live.newer(status.newer)}</span>}
      </button>
    </div>
  );
}

function Search() {
  const { words } = useShared();
  const [text, setText] = useState("");
  const [found, setFound] = useState<Found | null>(null);
  const [at, setAt] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (text.trim() === "") {
      setFound(null);
      return;
    }
    const gone = new AbortController();
    // Not with every key: the reader has to stop typing for a moment.
    const wait = setTimeout(() => {
      get<Found>("/search?q=" + encodeURIComponent(text.trim()), gone.signal).then((told) => {
        setFound(told);
        setAt(0);
      }, () => undefined);
    }, 150);
    return () => {
      clearTimeout(wait);
      gone.abort();
    };
  }, [text]);
  const hits = found ? [...found.customers.map((c) => ({ to: "/customers/" + c.id, label: c })), ...found.holds.map((h) => ({ to: `/holds/${h.customer}/${h.order}`, label: h })), ...found.documents.map((d) => ({ to: `/customers/${d.customer}?tab=events&document=${d.document}`, label: d }))] : [];
  const leave = () => {
    setText("");
    setFound(null);
  };
  return (
    <div className="search" role="search" ref={box} onBlur={(event) => !box.current?.contains(event.relatedTarget) && setFound(null)}>
      <input
        id="search" type="search" value={text} placeholder={words.common.search} aria-label={words.common.search} role="combobox" aria-expanded={hits.length > 0} aria-controls="hits" aria-activedescendant={hits[at] ? "hit" + at : undefined}
        autoComplete="off" data-testid="search" onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") setAt((a) => Math.min(hits.length - 1, a + 1));
          else if (event.key === "ArrowUp") setAt((a) => Math.max(0, a - 1));
          else if (event.key === "Escape") leave();
          else if (event.key === "Enter" && hits[at]) {
            go(addressOf(hits[at].to));
            leave();
          } else return;
          event.preventDefault();
        }}
      />
      {found && text.trim() !== "" && (
        <ul id="hits" className="hits" role="listbox" aria-label={words.common.search}>
          {hits.length === 0 && <li className="muted" role="option" aria-selected={false}>{words.common.noHit}</li>}
          {hits.map((hit, i) => (
            <li key={hit.to} id={"hit" + i} role="option" aria-selected={i === at} data-testid="hit" onMouseDown={(event) => { event.preventDefault(); go(addressOf(hit.to)); leave(); }}>
              {"id" in hit.label ? (
                <>
                  <strong>{hit.label.id}</strong> <span>{hit.label.name}</span> <BandTag band={hit.label.band} />
                </>
              ) : "document" in hit.label ? (
                <>
                  <strong>{hit.label.document}</strong> <span>{hit.label.isOrder ? words.holds.order : words.common.invoice} · {hit.label.customer}</span>
                </>
              ) : (
                <>
                  <strong>{hit.label.order}</strong> <span>{words.holds.order} · {hit.label.customer}</span>
                </>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Person() {
  const { words, me, lang, theme, keep, refresh } = useShared();
  const place = usePlace();
  const other = lang === "en" ? "zh" : "en";
  const out = () => void send("DELETE", "/session").then(refresh, refresh);
  return (
    <div className="person">
      <button type="button" className="quiet" data-testid="switch-language" lang={other === "zh" ? "zh-CN" : "en"} onClick={() => { keep({ lang: other }); choose({ lang: place.query.has("lang") ? other : null }); }}>
        {other === "zh" ? "中文" : "English"}
      </button>
      <button
        type="button" className="quiet icon" data-testid="switch-theme" aria-label={words.common.pair(words.settings.theme, words.settings.themes[theme])} title={words.settings.theme}
        onClick={() => { keep({ theme: theme === "dark" ? "light" : "dark" }); choose({ theme: null }); }}
      >
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" strokeWidth="1.5" />
          <path d="M8 1.8a6.2 6.2 0 0 1 0 12.4Z" fill="currentColor" />
        </svg>
      </button>
      <span className="who" data-testid="user" title={roleWords(words, me.roles)}>
        {me.user}
        <span className="muted role">{roleWords(words, me.roles)}</span>
      </span>
      <button type="button" className="quiet" onClick={out} data-testid="sign-out">{words.signIn.out}</button>
    </div>
  );
}

/** One banner says what is wrong with the figures, and what happens next. */
function Banner() {
  const { words, lang, zone } = useShared();
  const status = useLive();
  const [now, setNow] = useState(Date.now());
  const isWrong = status.word === "stale" || status.word === "disconnected";
  useEffect(() => {
    document.documentElement.dataset.live = status.word;
    if (!isWrong) return;
    const clock = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(clock);
  }, [status.word, isWrong]);
  if (isWrong)
    return (
      <div className={`banner banner-${status.word}`} data-testid="banner" data-live={status.word}>
        <strong>{words.live[status.word]}</strong>
        <span>
          {status.word === "disconnected" ? (status.notice === "partition" ? words.live.journal(status.heardAt ? time(status.heardAt, lang, zone) : "–") : words.live.lost(status.heardAt ? time(status.heardAt, lang, zone) : "–")) : status.staleSince ? words.live.feedStale(moment(status.staleSince, lang, zone)) : words.live.staleText(status.heardAt ? time(status.heardAt, lang, zone) : "–")}
        </span>
        {status.word === "disconnected" && status.retryAt && <span className="countdown">{words.live.next(Math.max(0, Math.ceil((status.retryAt - now) / 1_000)))}</span>}
        {status.word === "disconnected" && <button type="button" className="quiet" data-testid="retry" onClick={() => stream.retry()}>{words.common.retry}</button>}
      </div>
    );
  if (status.notServing.length > 0)
    return (
      <div className="banner banner-stale" data-testid="banner" data-live="partial">
        <span>{words.live.partial(share(status.notCurrentBp, lang))}</span>
      </div>
    );
  return null;
}

/** Two minutes before a session ends by itself, it says so; anything that is asked of the service goes on with it. */
function Timeout() {
  const { words, lang, zone, refresh } = useShared();
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const clock = setInterval(() => setNow(Date.now()), 5_000);
    return () => clearInterval(clock);
  }, []);
  const ends = lastAsked() + 15 * 60_000;
  if (ends - now > 120_000) return null;
  return (
    <div className="banner" role="alert" data-testid="time-out">
      <span>{words.signIn.ends(time(ends, lang, zone))}</span>
      <button type="button" onClick={() => void refresh()}>{words.signIn.stay}</button>
    </div>
  );
}

/** The one polite region: connection, pause and new holds, at most every five seconds. */
function Announcer() {
  const { words } = useShared();
  const status = useLive();
  const { waiting } = useQueue();
  const [told, setTold] = useState("");
  const said = useRef({ at: 0, text: "" });
  const text = [words.live[status.word], status.paused ? words.live.paused : "", `${words.nav.holds}: ${waiting}`].filter(Boolean).join(", ");
  useEffect(() => {
    if (text === said.current.text) return;
    const wait = setTimeout(() => {
      said.current = { at: Date.now(), text };
      setTold(text);
    }, Math.max(0, said.current.at + 5_000 - Date.now()));
    return () => clearTimeout(wait);
  }, [text]);
  return <div className="hidden" role="status" aria-live="polite">{told}</div>;
}

function Help({ close }: { close: () => void }) {
  const { words, settings } = useShared();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const rows: [string, string][] = [
    ["?", words.keys.help], ["/  Ctrl+K", words.keys.search], ["p", words.keys.pause], ["g  b h a l p i u", words.keys.go], ["j  k", words.keys.move], ["Enter", words.keys.preview], ["o", words.keys.open], ["x", words.keys.select], ["Shift+x", words.keys.range],
    ["Esc", words.keys.close], ["f", words.keys.filters], ["d", words.keys.density], ["r", words.keys.propose], ["c", words.keys.confirm], ["n", words.keys.next],
    ["a  m", words.keys.alert(words.alerts.take)], ["s", words.keys.alert(words.alerts.snooze)], ["e", words.keys.alert(words.alerts.resolve)], ["u  n", words.keys.alert(`${words.alerts.tags.useful}, ${words.alerts.tags.noise}`)], ["Ctrl+Enter", words.keys.submit],
  ];
  return (
    <dialog ref={dialog} className="help" onClose={close} aria-labelledby="help-title">
      <h2 id="help-title">{words.keys.title}</h2>
      {keysOff(settings) && <p className="muted">{words.common.pair(words.settings.shortcutsOn, words.common.no)}</p>}
      <dl>
        {rows.map(([key, what]) => (
          <div key={key}>
            <dt><kbd>{key}</kbd></dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={() => dialog.current?.close()}>{words.common.close}</button>
    </dialog>
  );
}
