import { useShared } from "../context";
import type { Endings, TileTrend } from "../contract";
import { amount, count, moment, share, short, time, whole } from "../format";
import { useLive } from "../live/hooks";
import type { View } from "../live/stream";
import { bandNames, BandTag, Flash, Link, useFollow, type BandName } from "../parts/basics";
import { choose } from "../url";
import type { BoardChoice } from "./board-query";
import { useQueue } from "./queue";

interface Sums {
  currency: string;
  customers: number;
  overLimit: number;
  heldOrders: number;
  gross: string;
  netRisk: string;
  limit: string;
  over: string;
  overdue: string;
  overdue30: string;
  overdue60: string;
  overdue90: string;
  held: string;
  unapplied: string;
}

export interface Tile {
  id: string;
  count: number;
  sums: Sums[];
}

type Figure = "gross" | "limit" | "over" | "overdue30" | "overdue60" | "overdue90" | "held" | "unapplied";

/** Each tile opens the list that it counts: the same question, asked once. */
export function Tiles({ tiles, choice }: { tiles: View<Tile> | null; choice: BoardChoice }) {
  const { words, lang } = useShared();
  const isWhole = choice.segments.length === 0 && choice.owner === "" && choice.search === "";
  const trend = useTrend();
  const around = { seg: choice.segments.join(","), owner: choice.owner, q: choice.search };
  const shown: [string, string, Figure, Record<string, string>, string][] = [
    ["all", words.board.exposureTile, "gross", { ...around, sort: "-exp" }, "gross"],
    ["over", words.board.overTile, "over", { ...around, band: "over,breach", sort: "-over" }, "over"],
    ["breach", words.board.breachTile, "over", { ...around, band: "breach", sort: "-over" }, "breach"],
    ["overdue30", words.board.overdue30, "overdue30", { ...around, overdue: "30", sort: "-overdue" }, "overdue30"],
    ["overdue60", words.board.overdue60, "overdue60", { ...around, overdue: "60", sort: "-overdue" }, "overdue60"],
    ["overdue90", words.board.overdue90, "overdue90", { ...around, overdue: "90", sort: "-overdue" }, "overdue90"],
    ["held", words.board.heldTile, "held", { ...around, held: "1", sort: "-held" }, "held"],
    ["unapplied", words.board.unappliedTile, "unapplied", { ...around, unapplied: "1", sort: "-exp" }, "unapplied"],
  ];
  return (
    <ul className="tiles" data-testid="tiles">
      {shown.map(([id, label, figure, query, name]) => (
        <li key={name}>
          <Link to="/board" query={query} className="tile" testid={"tile-" + name}>
            <span className="tile-row">
              <span className="tile-label">{label}</span>
              {name === "held" && isWhole ? <HeldMore tile={tiles?.rows.get(id)} /> : <TileMore tile={tiles?.rows.get(id)} figure={figure} isAll={name === "gross"} isHeld={name === "held"} />}
            </span>
            <span className="tile-row">
              <TileFigure tile={tiles?.rows.get(id)} figure={figure} isAll={name === "gross"} />
              <Change tile={tiles?.rows.get(id)} id={id} figure={figure} trend={isWhole ? trend : null} />
            </span>
          </Link>
        </li>
      ))}
      <li>
        <Link to="/holds" query={{ tab: "decided" }} className="tile" testid="tile-released">
          <span className="tile-row">
            <span className="tile-label">{words.board.releasedTile}</span>
            <span className="tile-more muted">{words.board.releasedText}</span>
          </span>
          <span className="tile-figure fig" data-value={trend?.releasedByRuleToday ?? ""}>{trend ? count(trend.releasedByRuleToday ?? 0, lang) : "–"}</span>
        </Link>
      </li>
      <li><EndingTile /></li>
    </ul>
  );
}

/** What the tiles said before; read again every minute, since nothing streams it. */
function useTrend(): TileTrend | null {
  return useFollow<TileTrend>("/board/trend", 60_000).data;
}

/** Limits that end within thirty days, whichever the board shows: the list behind it is the whole one. */
function EndingTile() {
  const { words, lang } = useShared();
  const { data } = useFollow<Endings>("/endings?days=30&limit=1", 60_000);
  const of = (kind: string) => data?.counts.find((c) => c.kind === kind)?.count ?? 0;
  const limits = of("Limit") + of("TemporaryLimit");
  return (
    <Link to="/limits" query={{ tab: "ending" }} className="tile" testid="tile-ending">
      <span className="tile-label">{words.endings.tile}</span>
      <span className="tile-row">
        <span className="tile-figure fig" data-value={data ? limits : ""}>{data ? (data.isWhole ? "" : "≥ ") + count(limits, lang) : "–"}</span>
        <More text={data ? words.endings.beside(count(of("Cover"), lang), count(of("Promise"), lang)) : ""} />
      </span>
    </Link>
  );
}

/** The change in 24 hours, or since the oldest sample of a young service, and a line of the last thirty days. The line is said in words, too. */
function Change({ tile, id, figure, trend }: { tile: Tile | undefined; id: string; figure: Figure; trend: TileTrend | null }) {
  const { words, lang, zone } = useShared();
  const currency = tile?.sums.find((s) => s[figure] !== "0")?.currency ?? tile?.sums[0]?.currency;
  const of = (sample: TileTrend["was"]): string => ((sample?.tiles.find((t) => t.id === id)?.sums as Sums[] | undefined)?.find((s) => s.currency === currency)?.[figure] as string | undefined) ?? "0";
  const was = trend?.was?.at ? trend.was : null;
  const now = tile?.sums.find((s) => s.currency === currency)?.[figure] ?? "0";
  if (!was || !tile || !currency) return <span className="tile-change" />;
  const moved = BigInt(now) - BigInt(of(was));
  const isYoung = Date.now() - new Date(was.at!).getTime() < 23 * 3_600_000;
  const text = moved === 0n ? words.board.unchanged : `${moved > 0n ? "▲ +" : "▼ −"}${short((moved < 0n ? -moved : moved).toString(), currency, lang)}`;
  const span = isYoung ? words.board.since(time(was.at!, lang, zone).slice(0, 5)) : words.board.in24h;
  const points = [...trend!.samples.map((s) => Number(of(s))), Number(now)];
  const [low, high] = [Math.min(...points), Math.max(...points)];
  const line = points.map((p, i) => `${((i / Math.max(1, points.length - 1)) * 60).toFixed(1)},${(high === low ? 7 : 13 - ((p - low) / (high - low)) * 12).toFixed(1)}`).join(" ");
  return (
    <span key={text.length} className="tile-change muted" data-testid="change" title={`${span}: ${moved < 0n ? "−" : "+"}${amount((moved < 0n ? -moved : moved).toString(), currency, lang)} · ${moment(was.at, lang, zone)}`}>
      {text}<span className="hidden"> {span}</span>
      {points.length > 2 && <svg viewBox="0 0 60 14" width="60" height="14" role="img" aria-label={words.board.trendLine(whole(String(Math.round(low)), currency, lang), whole(String(Math.round(high)), currency, lang))}><polyline points={line} fill="none" stroke="currentColor" strokeWidth="1.5" /></svg>}
    </span>
  );
}

/** What stands to the right of a tile; when it becomes longer it is another text, not one that moved to the left. */
function More({ text, title = text }: { text: string; title?: string }) {
  return <span key={text.length} className="tile-more muted" title={title}>{text}</span>;
}

const summed = (tile: Tile, figure: Figure, isAll: boolean) => tile.sums.filter((s) => s[figure] !== "0" || isAll);

/** The largest currency stands in front; others stand beside it with their own exact sums, since nothing is converted in silence. */
function TileFigure({ tile, figure, isAll }: { tile: Tile | undefined; figure: Figure; isAll: boolean }) {
  const { lang } = useShared();
  // While a partition is read back its customers count as they were, or not at all.
  const least = useLive().notServing[0] === undefined ? "" : "≥ ";
  if (!tile) return <span className="tile-figure skeleton"><span /></span>;
  const [first] = summed(tile, figure, isAll);
  return (
    <span className="tile-figure fig" data-value={first?.[figure] ?? "0"} data-count={tile.count} title={first ? `${first.currency} ${amount(first[figure], first.currency, lang)}` : undefined}>
      <Flash value={first?.[figure]}>{first ? <>{least}<span className="code">{first.currency}</span> {whole(first[figure], first.currency, lang)}</> : "–"}</Flash>
    </span>
  );
}

function TileMore({ tile, figure, isAll, isHeld, oldest }: { tile: Tile | undefined; figure: Figure; isAll: boolean; isHeld: boolean; oldest?: string }) {
  const { words, lang } = useShared();
  if (!tile) return null;
  const [first, ...rest] = summed(tile, figure, isAll);
  const orders = tile.sums.reduce((n, s) => n + s.heldOrders, 0);
  const limit = first && BigInt(first.limit) > 0n ? Number((BigInt(first.gross) * 10_000n) / BigInt(first.limit)) : undefined;
  const parts = [...(isAll && limit !== undefined ? [share(limit, lang)] : []), isHeld ? words.board.orders(count(orders, lang)) : words.board.customers(count(tile.count, lang)), ...(isAll && limit !== undefined ? [words.common.pair(words.board.limitTile, whole(first!.limit, first!.currency, lang))] : []), ...(oldest ? [oldest] : []), ...rest.slice(0, 2).map((s) => `${s.currency} ${whole(s[figure], s.currency, lang)}`)];
  const all = parts.join(" · ");
  // What the limits come to stands short; all of it is told where the pointer rests.
  return <More text={isAll && limit !== undefined ? words.board.ofLimits(share(limit, lang), short(first!.limit, first!.currency, lang)) : all} title={all} />;
}

/** The queue is read for the count in the head anyway. A component of its own, since the queue changes more often than the tiles. */
function HeldMore({ tile }: { tile: Tile | undefined }) {
  const { words } = useShared();
  const { oldest } = useQueue();
  const hours = oldest ? Math.max(0, Math.floor((Date.now() - Date.parse(oldest)) / 3_600_000)) : 0;
  return <TileMore tile={tile} figure="held" isAll={false} isHeld oldest={oldest ? words.board.oldest(hours < 48 ? words.board.ago(String(hours), "h") : words.customer.late(Math.floor(hours / 24))) : undefined} />;
}

/** Customers by band: the length is the share of customers, the word and the count say it exactly. */
export function BandStrip({ tiles, choice }: { tiles: View<Tile> | null; choice: BoardChoice }) {
  const { words, lang } = useShared();
  const order: BandName[] = [...bandNames].reverse();
  const all = tiles?.rows.get("all")?.count ?? 0;
  const toggle = (band: BandName) => {
    const bands = choice.bands.includes(band) ? choice.bands.filter((b) => b !== band) : [...choice.bands, band];
    choose({ band: bands.join(","), page: null });
  };
  return (
    <div className="strip" role="group" aria-label={words.board.bands} data-testid="strip">
      <svg className="strip-bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
        {order.reduce<{ at: number; parts: React.ReactNode[] }>((made, band) => {
          const width = all > 0 ? ((tiles?.rows.get("band:" + band)?.count ?? 0) / all) * 1000 : 0;
          made.parts.push(<rect key={band} className={"strip-" + band} x={made.at} y="0" width={width} height="10" />);
          return { at: made.at + width, parts: made.parts };
        }, { at: 0, parts: [] }).parts}
      </svg>
      <div className="strip-words">
        {order.map((band) => {
          const n = tiles?.rows.get("band:" + band)?.count;
          return (
            <button key={band} type="button" aria-pressed={choice.bands.includes(band)} onClick={() => toggle(band)} data-testid={"band-" + band} data-count={n ?? ""}>
              <BandTag band={band} /> <span className="fig">{n === undefined ? "" : count(n, lang)}</span>
            </button>
          );
        })}
      </div>
    </div>
  );
}
