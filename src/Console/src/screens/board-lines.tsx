import { useEffect, useState } from "react";
import { get } from "../api";
import type { BoardLines } from "../contract";
import { useShared } from "../context";
import { amount, time } from "../format";
import { useLive } from "../live/hooks";

interface Point {
  at: number;
  gross: string;
}

interface Trail {
  /** What the service remembers, oldest first. */
  told: Point[];
  toldAt: number;
  /** Changes that this page has seen. */
  seen: Point[];
}

/** The way of every customer that a board of this tab has shown: what the service remembers, and what came since the page was opened. */
const trails = new Map<string, Trail>();

const [seenMost, trailsMost, askAgain] = [24, 2_000, 300_000];

function trailOf(id: string): Trail {
  let trail = trails.get(id);
  if (!trail) {
    // A long watch over a large book passes many customers; the oldest leave first.
    if (trails.size >= trailsMost) trails.delete(trails.keys().next().value!);
    trails.set(id, (trail = { told: [], toldAt: 0, seen: [] }));
  }
  return trail;
}

/** Notes the exposure of a row; the first one that is seen is no change. */
export function noteExposure(id: string, gross: string) {
  const { seen } = trailOf(id);
  if (seen.length > 0 && seen.at(-1)!.gross === gross) return;
  seen.push({ at: Date.now(), gross });
  // The first one stays: how it began is what a line is about.
  if (seen.length > seenMost) seen.splice(1, 1);
}

/** Asks for the lines of what is on the screen, at most every five seconds, and for each of them every five minutes; counts the answers. */
export function useLines(ids: readonly string[], on: boolean): number {
  const { paused } = useLive();
  const [turn, draw] = useState(0);
  const wanted = ids.join(",");
  useEffect(() => {
    if (!on || paused || wanted === "") return;
    const gone = new AbortController();
    const ask = () => {
      const missing = wanted.split(",").filter((id) => Date.now() - trailOf(id).toldAt > askAgain);
      if (missing.length === 0) return;
      for (const id of missing) trailOf(id).toldAt = Date.now();
      get<BoardLines>("/board/lines?customers=" + missing.map(encodeURIComponent).join(","), gone.signal, true).then((lines) => {
        for (const row of lines.rows) trailOf(row.customer!).told = (row.points ?? []).map((p) => ({ at: new Date(p.at!).getTime(), gross: p.gross! }));
        draw((n) => n + 1);
      }, () => { for (const id of missing) trailOf(id).toldAt = 0; });
    };
    const first = setTimeout(ask, 200);
    const again = setInterval(ask, 5_000);
    return () => {
      clearTimeout(first);
      clearInterval(again);
      gone.abort();
    };
  }, [wanted, on, paused]);
  return turn;
}

/** The way of the exposure since this morning, and in words where it began and where it stands. */
export function Line({ id, gross, currency }: { id: string; gross: string; currency: string }) {
  const { words, lang, zone } = useShared();
  const trail = trails.get(id);
  const points = trail ? [...trail.told.filter((p) => trail.seen.length === 0 || p.at < trail.seen[0]!.at), ...trail.seen] : [];
  if (points.length < 2) return <span className="muted">–</span>;
  const first = points[0]!;
  const values = [...points.map((p) => Number(p.gross)), Number(gross)];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const steps = values.map((v, i) => `${((i / (values.length - 1)) * 60).toFixed(1)},${(high === low ? 7 : 13 - ((v - low) / (high - low)) * 12).toFixed(1)}`);
  return (
    <svg className="row-line" viewBox="0 0 60 14" width="60" height="14" role="img" aria-label={words.board.lineText(amount(first.gross, currency, lang), amount(gross, currency, lang), time(first.at, lang, zone).slice(0, 5))} data-testid="line" data-points={values.length}>
      <polyline points={steps.join(" ")} fill="none" stroke="currentColor" strokeWidth="1.5" />
    </svg>
  );
}

/** How long ago the exposure changed, as far as this page has seen it. */
export function Age({ id }: { id: string }) {
  const { words } = useShared();
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const clock = setInterval(() => setNow(Date.now()), 5_000);
    return () => clearInterval(clock);
  }, []);
  const seen = trails.get(id)?.seen ?? [];
  if (seen.length < 2) return <span className="muted" title={words.board.ageNone}>–</span>;
  const seconds = Math.max(0, Math.floor((now - seen.at(-1)!.at) / 1_000));
  return <span className="fig" data-testid="age" data-value={seconds}>{seconds < 60 ? words.board.ago(String(seconds), "s") : seconds < 3_600 ? words.board.ago(String(Math.floor(seconds / 60)), "min") : words.board.ago(String(Math.floor(seconds / 3_600)), "h")}</span>;
}
