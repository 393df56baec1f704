import "uplot/dist/uPlot.min.css";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import { useShared } from "../context";
import { axisTime, decimal, moment, short } from "../format";

export interface Point {
  /** Seconds since 1970. */
  at: number;
  gross: string;
  limit: string | null;
}

/** Exposure under a stepped limit, one point per decision. The canvas cannot see the style sheet: it is drawn anew with the colours of the theme. */
export function Timeline({ points, currency, onBrush }: { points: Point[]; currency: string; onBrush: (at: Date) => void }) {
  const { words, lang, theme, zone } = useShared();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const place = box.current;
    if (!place || points.length < 2) return;
    const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const number = (minor: string) => Number(decimal(minor, currency));
    const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 }, font: "12px system-ui" };
    const plot = new uPlot(
      {
        width: place.clientWidth, height: 220, legend: { show: false }, cursor: { drag: { x: true, y: false, setScale: false } },
        scales: { x: { time: true }, y: { range: (_, __, most) => [0, (most || 1) * 1.1] } },
        tzDate: (at) => uPlot.tzDate(new Date(at * 1e3), zone),
        axes: [{ ...axis, space: 90, incrs: [1, 5, 15, 60, 300, 900, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000], values: (_, ticks) => ticks.map((t, i) => axisTime(t, i === 0 || new Date(t * 1e3).getUTCDate() !== new Date(ticks[i - 1]! * 1e3).getUTCDate(), lang, zone, ticks.length > 1 && ticks[1]! - ticks[0]! < 60)) }, { ...axis, size: 64, values: (_, ticks) => ticks.map((t) => short(String(Math.round(t * 10 ** (decimal("0", currency).split(".")[1]?.length ?? 0))), currency, lang)) }],
        series: [{}, { label: words.customer.exposure, stroke: colour("--accent"), width: 2, fill: colour("--accent-soft"), paths: uPlot.paths.stepped!({ align: 1 }), points: { show: false } }, { label: words.customer.limit, stroke: colour("--text"), width: 1.5, dash: [6, 4], paths: uPlot.paths.stepped!({ align: 1 }), points: { show: false } }],
        hooks: {
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
  }, [points, theme, lang, zone, currency]);
  const last = points.at(-1);
  if (points.length < 2) return <p className="muted" data-testid="no-timeline">{words.customer.noTimeline}</p>;
  return (
    <figure className="timeline" data-testid="timeline">
      <div ref={box} role="img" aria-label={`${words.customer.timeline}: ${points.length}, ${last ? moment(new Date(last.at * 1_000).toISOString(), lang, zone) : ""}`} />
      <figcaption className="muted">{words.customer.brush}</figcaption>
    </figure>
  );
}
