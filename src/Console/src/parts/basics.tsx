import { useCallback, useEffect, useId, useRef, useState, type MouseEvent, type ReactNode } from "react";
import { ApiError, get, type Problem } from "../api";
import { readers, useShared } from "../context";
import { amount, share } from "../format";
import { useLive } from "../live/hooks";
import { addressOf, go } from "../url";

/** A link inside the console: an ordinary click changes the view, any other one is the browser's. */
export function Link({ to, query, children, className, testid, current, label }: { to: string; query?: Record<string, string | undefined>; children: ReactNode; className?: string; testid?: string; current?: boolean; label?: string }) {
  const address = addressOf(to, query);
  const click = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0) return;
    event.preventDefault();
    go(address);
  };
  return (
    <a href={address} onClick={click} className={className} data-testid={testid} aria-current={current ? "page" : undefined} aria-label={label}>
      {children}
    </a>
  );
}

/** An exact amount; the minor units step back a little, since the eye reads the whole ones. */
export function Amount({ minor, currency, code = false, testid }: { minor: string | null | undefined; currency: string; code?: boolean; testid?: string }) {
  const { lang } = useShared();
  if (minor === null || minor === undefined) return <span className="muted">–</span>;
  const text = amount(minor, currency, lang);
  const point = text.lastIndexOf(".");
  // A figure that gains a digit is another piece of text, not one that moved to the left.
  return (
    <span key={text.length} className="fig" data-value={minor} data-testid={testid}>
      {code && <span className="code">{currency} </span>}
      {point < 0 ? text : text.slice(0, point)}
      {point >= 0 && <span className="frac">{text.slice(point)}</span>}
    </span>
  );
}

/** Flashes when its value changes, never when it is drawn for the first time. Two names take turns, so that a second change within the time is seen as well. */
export function Flash({ value, children }: { value: string | number | undefined; children: ReactNode }) {
  const before = useRef(value);
  const turn = useRef(0);
  if (before.current !== value) {
    before.current = value;
    turn.current++;
  }
  return <span className={turn.current === 0 ? "flash" : turn.current % 2 ? "flash flash-a" : "flash flash-b"}>{children}</span>;
}

export const bandNames = ["none", "within", "watch", "critical", "over", "breach"] as const;
export type BandName = (typeof bandNames)[number];

const shapes: Record<BandName, ReactNode> = {
  none: <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="1.5" strokeDasharray="2 1.5" />,
  within: <circle cx="6" cy="6" r="4.5" fill="currentColor" />,
  watch: <path d="M6 1 11 10.5H1Z" fill="currentColor" />,
  critical: <path d="M6 .5 11.5 6 6 11.5.5 6Z" fill="currentColor" />,
  over: <rect x="1.5" y="1.5" width="9" height="9" fill="currentColor" />,
  breach: <path d="M3.2 1h5.6L11.6 6 8.8 11H3.2L.4 6Z" fill="currentColor" />,
};

/** A band as word, shape and colour: none of them stands alone. */
export function BandTag({ band }: { band: BandName }) {
  const { words } = useShared();
  return (
    <span className={`band band-${band}`} data-band={band}>
      <svg viewBox="0 0 12 12" width="10" height="10" aria-hidden="true">{shapes[band]}</svg>
      {words.bands[band]}
    </span>
  );
}

/** Utilisation with a mark where the limit is, and on the page of one customer where the bands begin as well. */
export function UtilisationBar({ basisPoints, band, steps = false }: { basisPoints: number | undefined; band: BandName; steps?: boolean }) {
  const { lang, boardWords } = useShared();
  const known = basisPoints !== undefined && basisPoints >= 0;
  // The limit stands at two thirds of the length: what is above it has a place, too.
  const width = known ? Math.min(100, (basisPoints / 15_000) * 100) : 0;
  return (
    <span key={share(basisPoints, lang).length} className="util">
      <span className="util-figure fig" data-value={basisPoints ?? ""}>{share(basisPoints, lang)}</span>
      <svg className={`util-bar fill-${band}`} viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect className="util-track" x="0" y="0" width="100" height="8" />
        <rect className="util-fill" x="0" y="0" width={width} height="8" />
        {steps && boardWords && [boardWords.watchBp, boardWords.criticalBp, boardWords.breachBp].filter((at) => at > 0 && at <= 15_000).map((at) => <rect key={at} className="util-step" x={at / 150 - 0.4} y="-1" width="0.8" height="10" data-at={at} />)}
        <rect className="util-mark" x="66.2" y="0" width="1" height="8" />
      </svg>
    </span>
  );
}

/** Reads once, and again when the path changes or somebody says so. Old data stay until new ones come. */
export function useGet<T>(path: string | null): { data: T | null; problem: Problem | null; reload: () => void; loading: boolean } {
  const [state, setState] = useState<{ path: string | null; data: T | null; problem: Problem | null }>({ path: null, data: null, problem: null });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (path === null) return;
    const gone = new AbortController();
    get<T>(path, gone.signal).then(
      (data) => setState({ path, data, problem: null }),
      (error: unknown) => {
        if (error instanceof ApiError) setState((before) => ({ path, data: before.path === path ? before.data : null, problem: error.problem }));
      },
    );
    return () => gone.abort();
  }, [path, turn]);
  const reload = useCallback(() => setTurn((t) => t + 1), []);
  const fits = state.path === path;
  return { data: fits ? state.data : null, problem: fits ? state.problem : null, reload, loading: !fits };
}

/** Reads like `useGet`, and again by itself every so many milliseconds, which is nobody's activity; not while the page is paused. */
export function useFollow<T>(path: string | null, every: number) {
  const first = useGet<T>(path);
  const { paused } = useLive();
  const [later, setLater] = useState<{ path: string; data: T } | null>(null);
  useEffect(() => {
    if (path === null || paused) return;
    const gone = new AbortController();
    const again = setInterval(() => void get<T>(path, gone.signal, true).then((data) => setLater({ path, data }), () => undefined), every);
    return () => {
      clearInterval(again);
      gone.abort();
    };
  }, [path, every, paused]);
  return { ...first, data: later !== null && later.path === path ? later.data : first.data };
}

/** A list as a file: the same filter, in the language of the page. */
export function Export({ of, query = {} }: { of: string; query?: Record<string, string | null | undefined> }) {
  const { words, lang, zone } = useShared();
  const file = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, lang, zone })) if (value) file.set(name, value);
  return <a className="button quiet" href={`/api/v1/${of}/export?${file}`} download="" data-testid="export">{words.common.export}</a>;
}

/** What went wrong, at the action that went wrong, with the trace to copy. */
export function Failed({ problem, testid = "failed" }: { problem: Problem; testid?: string }) {
  const { words } = useShared();
  const told = problem.code === "UNREACHABLE" ? words.errors.UNREACHABLE : problem.detail;
  return (
    <div className="failed" role="alert" data-testid={testid} data-code={problem.code} data-status={problem.status}>
      <strong>{words.errors.title}</strong> <span>{told}</span>
      {problem.traceId && (
        <span className="trace">
          {words.common.trace} <code>{problem.traceId}</code>
        </span>
      )}
    </div>
  );
}

/** A direct address of what a reader may not see answers like one that leads nowhere. */
export function Missing() {
  const { words } = useShared();
  return (
    <section className="empty" data-testid="missing">
      <h1>{words.common.unknown}</h1>
      <p>{words.common.unknownText}</p>
      <Link to="/board" className="button">{words.nav.board}</Link>
    </section>
  );
}

export function Forbidden({ text }: { text: string }) {
  const { words } = useShared();
  return (
    <section className="empty" data-testid="forbidden">
      <h1>{words.errors.forbidden}</h1>
      <p>{text}</p>
      <p>{words.errors.forbiddenText}</p>
    </section>
  );
}

/** Rows that stand in while the first ones are on their way; they appear only when that takes a while. */
export function Skeleton({ rows, columns }: { rows: number; columns: number }) {
  return (
    <>
      {Array.from({ length: rows }, (_, row) => (
        <tr key={row} className="skeleton" aria-hidden="true">
          {Array.from({ length: columns }, (_, column) => (
            <td key={column}><span /></td>
          ))}
        </tr>
      ))}
    </>
  );
}

/** A button that decides about money: it waits while the figures are not current, and says why it cannot be pressed; to the eye only where nothing beside it says so. */
export function DecisionButton({ children, onClick, why, kind = "primary", testid, busy, submit, said }: { children: ReactNode; onClick?: () => void; why?: string | null; kind?: "primary" | "quiet"; testid: string; busy?: boolean; submit?: boolean; said?: boolean }) {
  const { words, may } = useShared();
  const live = useLive();
  const id = useId();
  // Who reads no figures decides about none: an administrator has no stream, and waits for none.
  const reason = live.word !== "live" && may(...readers) ? words.live.decisionsWait : why;
  const off = Boolean(reason || busy);
  return (
    <span className="decision">
      <button type={submit ? "submit" : "button"} className={kind} onClick={off ? (event) => event.preventDefault() : onClick} aria-disabled={off} aria-describedby={reason ? id : undefined} data-testid={testid}>
        {busy ? words.holds.waits + " …" : children}
      </button>
      {reason && <span id={id} className={said ? "hidden" : "why"}>{reason}</span>}
    </span>
  );
}

export function Field({ label, hint, error, children }: { label: string; hint?: string; error?: string | null; children: (attributes: { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean }) => ReactNode }) {
  const id = useId();
  const described = [hint ? id + "h" : "", error ? id + "e" : ""].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": error ? true : undefined })}
      {hint && <span id={id + "h"} className="hint">{hint}</span>}
      {error && <span id={id + "e"} className="error">{error}</span>}
    </div>
  );
}
