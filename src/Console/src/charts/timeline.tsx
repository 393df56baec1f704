import "uplot/dist/uPlot.min.css";
import { useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import { useShared } from "../context";
import type { History, Records } from "../contract";
import { axisTime, decimal, moment, short } from "../format";
import { Amount, useGet } from "../parts/basics";
import { Table } from "../parts/table";

export interface Point {
  /** Seconds since 1970. */
  at: number;
  gross: string;
  limit: string | null;
}

const shapes = { held: "▼", released: "▲", rejected: "✕", limit: "◇", alert: "!", payment: "●" };
type Kind = keyof typeof shapes;

interface Mark {
  at: number;
  kind: Kind;
}

/** What happened beside the decisions: orders held, released and rejected, limits that changed, alerts, payments. */
function useMarks(id: string): Mark[] {
  const read = (table: string) => useGet<Records>(`/${table}?customer=${id}&limit=100`).data?.rows as { at: string; step?: string; state?: string }[] | undefined;
  const [holds, limits, signals] = [read("hold-records"), read("limit-changes"), read("signals")];
  const entries = useGet<History>(`/customers/${id}/history?limit=100`).data?.entries;
  return useMemo(() => {
    const mark = (at: string | null, kind: Kind): Mark => ({ at: new Date(at ?? 0).getTime() / 1_000, kind });
    return [
      ...(holds ?? []).flatMap((r) => { const kind = /^credit\.order\.(held|released|rejected)/.exec(r.step ?? "")?.[1]; return kind ? [mark(r.at, kind as Kind)] : []; }),
      ...(limits ?? []).filter((r) => r.step?.startsWith("credit.effective-limit")).map((r) => mark(r.at, "limit")),
      ...(signals ?? []).filter((r) => r.state === "credit.signal.raised.v1").map((r) => mark(r.at, "alert")),
      ...(entries ?? []).filter((e) => e.type === "credit.payment.received.v1" && e.outcome === "Applied").map((e) => mark(e.arrival, "payment")),
    ];
  }, [holds, limits, signals, entries]);
}

/** Exposure under a stepped limit, one point per decision. The canvas cannot see the style sheet: it is drawn anew with the colours of the theme. */
export function Timeline({ id, points, currency, onBrush }: { id: string; points: Point[]; currency: string; onBrush: (at: Date) => void }) {
  const { words, lang, theme, zone } = useShared();
  const box = useRef<HTMLDivElement>(null);
  const marks = useMarks(id);
  const [table, setTable] = useState(false);
  useEffect(() => {
    const place = box.current;
    if (!place || points.length < 2) return;
    const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const number = (minor: string) => Number(decimal(minor, currency));
    const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 }, font: "12px system-ui" };
    const plot = new uPlot(
      {
        width: place.clientWidth, height: 220, padding: [22, null, null, null], legend: { show: false }, cursor: { drag: { x: true, y: false, setScale: false } },
        scales: { x: { time: true }, y: { range: (_, __, most) => [0, (most || 1) * 1.1] } },
        tzDate: (at) => uPlot.tzDate(new Date(at * 1e3), zone),
        axes: [{ ...axis, space: 90, incrs: [1, 5, 15, 60, 300, 900, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000], values: (_, ticks) => ticks.map((t, i) => axisTime(t, i === 0 || new Date(t * 1e3).getUTCDate() !== new Date(ticks[i - 1]! * 1e3).getUTCDate(), lang, zone, ticks.length > 1 && ticks[1]! - ticks[0]! < 60)) }, { ...axis, size: 64, values: (_, ticks) => ticks.map((t) => short(String(Math.round(t * 10 ** (decimal("0", currency).split(".")[1]?.length ?? 0))), currency, lang)) }],
        series: [{}, { label: words.board.exposureTile, stroke: colour("--accent"), width: 2, fill: colour("--accent-soft"), paths: uPlot.paths.stepped!({ align: 1 }), points: { show: false } }, { label: words.customer.limit, stroke: colour("--text"), width: 1.5, dash: [6, 4], paths: uPlot.paths.stepped!({ align: 1 }), points: { show: false } }],
        hooks: {
          draw: [
            (u) => {
              const { ctx, bbox } = u;
              ctx.save();
              ctx.strokeStyle = ctx.fillStyle = colour("--muted");
              ctx.font = `${12 * devicePixelRatio}px system-ui`;
              ctx.textAlign = "center";
              for (const { at, kind } of marks) {
                const x = Math.round(u.valToPos(at, "x", true)) + 0.5;
                if (x < bbox.left || x > bbox.left + bbox.width) continue;
                ctx.globalAlpha = 0.35;
                ctx.beginPath();
                ctx.moveTo(x, bbox.top);
                ctx.lineTo(x, bbox.top + bbox.height);
                ctx.stroke();
                ctx.globalAlpha = 1;
                ctx.fillText(shapes[kind], x, bbox.top - 5 * devicePixelRatio);
              }
              ctx.restore();
            },
          ],
          setSelect: [
            (u) => {
              if (u.select.width < 4) return;
              onBrush(new Date(u.posToVal(u.select.left + u.select.width, "x") * 1_000));
              u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            },
          ],
        },
      },
      [points.map((p) => p.at), points.map((p) => number(p.gross)), points.map((p) => (p.limit === null ? null : number(p.limit)))],
      place,
    );
    const fit = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: 220 }));
    fit.observe(place);
    return () => {
      fit.disconnect();
      plot.destroy();
    };
  }, [points, marks, table, theme, lang, zone, currency]);
  const last = points.at(-1);
  if (points.length < 2) return <p className="muted" data-testid="no-timeline">{words.customer.noTimeline}</p>;
  return (
    <figure className="timeline" data-testid="timeline">
      {table ? <Figures points={points} marks={marks} currency={currency} /> : <div ref={box} role="img" aria-label={`${words.customer.timeline}: ${points.length}, ${last ? moment(new Date(last.at * 1_000).toISOString(), lang, zone) : ""}`} />}
      <figcaption className="muted">
        {[...new Set(marks.map((m) => m.kind))].map((k) => `${shapes[k]} ${words.customer.marks[k]}`).join("   ")} · {words.customer.brush} <button type="button" className="link" onClick={() => setTable(!table)} data-testid="timeline-figures">{table ? words.common.chart : words.common.figures}</button>
      </figcaption>
    </figure>
  );
}

/** The chart as a table, the newest in front. */
function Figures({ points, marks, currency }: { points: Point[]; marks: Mark[]; currency: string }) {
  const { words, lang, zone } = useShared();
  const rows = [...points.map((p) => ({ ...p, kind: undefined })), ...marks.map((m) => ({ ...m, gross: undefined, limit: undefined }))].sort((a, b) => b.at - a.at).slice(0, 100);
  return (
    <Table
      rows={rows} caption={words.customer.timeline} keyOf={(_, i) => String(i)} testid="timeline-table" rowTestid="timeline-row" dataOf={(r) => ({ "data-kind": r.kind })}
      columns={[
        { head: words.common.time, when: true, of: (r) => moment(new Date(r.at * 1_000).toISOString(), lang, zone) },
        { head: words.common.kind, of: (r) => (r.kind ? `${shapes[r.kind]} ${words.customer.marks[r.kind]}` : words.customer.decision) },
        { head: words.board.exposureTile, figure: true, of: (r) => <Amount minor={r.gross} currency={currency} /> },
        { head: words.customer.limit, figure: true, of: (r) => <Amount minor={r.limit} currency={currency} /> },
      ]}
    />
  );
}
