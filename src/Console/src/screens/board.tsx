import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Board as BoardPage, BoardRow } from "../contract";
import { useShared } from "../context";
import { count, moment } from "../format";
import { useScreenKeys } from "../keys";
import { useLive, useView } from "../live/hooks";
import type { View } from "../live/stream";
import { Failed, Skeleton, useGet } from "../parts/basics";
import { rangeTo } from "../parts/input";
import { addressOf, choose, go, usePlace } from "../url";
import { BoardTable } from "./board-table";
import { BandStrip, Tiles, type Tile } from "./board-tiles";
import { Aside } from "./board-aside";
import { Filters } from "./board-filters";
import { Preview } from "./board-preview";
import { apiQuery, choiceOf, steppingBack, viewName } from "./board-query";

export type Row = { [K in keyof BoardRow]: NonNullable<BoardRow[K]> } & Pick<BoardRow, never>;

export function Board() {
  const { words, lang, zone } = useShared();
  const { query } = usePlace();
  const choice = useMemo(() => choiceOf(query), [query]);
  const api = apiQuery(choice);
  const isLivePage = choice.page === 1;
  const live = useView<Row>(isLivePage ? viewName("board", new URLSearchParams([...api, ["top", String(choice.size)]])) : null);
  const around = new URLSearchParams([...apiQuery({ ...choice, bands: [], overdue: "", held: false, unapplied: false, rising: false }, false)]);
  const tiles = useView<Tile>(viewName("tiles", around));
  const page = useGet<BoardPage>(`/board?${new URLSearchParams([...api, ["size", String(choice.size)], ["page", String(choice.page)]])}`);
  const fromPage = useMemo<View<Row> | null>(
    () => page.data && { order: page.data.rows.map((r) => r.id!), rows: new Map(page.data.rows.map((r) => [r.id!, r as Row])), asOf: page.data.asOf!, version: 0 },
    [page.data],
  );
  const view = isLivePage ? (live ?? fromPage) : fromPage;
  const { shown, stale, apply, table } = useStillOrder(view, `${api}|${choice.size}|${choice.page}`);
  const [active, setActive] = useState<string | null>(null);
  const preview = query.get("preview");
  const picked = useRef<string | null>(null);
  // The exact count comes from the same pass as the rows.
  const total = (isLivePage ? (live?.whole as { total: number } | undefined)?.total : undefined) ?? page.data?.total ?? null;

  useScreenKeys({
    j: () => move(1),
    k: () => move(-1),
    o: () => active && go(addressOf("/customers/" + active)),
    x: () => active && toggle(active),
    X: () => active && choose({ sel: rangeTo(shown.map((row) => row.id), choice.selected, picked.current, active, 1_000).join(",") }, true),
    Escape: () => (preview || choice.aside) && choose(preview ? { preview: null } : { aside: null }, true),
  });

  function move(step: number) {
    const ids = shown.map((row) => row.id);
    const at = active === null ? -1 : ids.indexOf(active);
    const next = ids[Math.max(0, Math.min(ids.length - 1, at + step))];
    if (next) focusRow(next);
  }

  function focusRow(id: string) {
    setActive(id);
    table.current?.querySelector<HTMLElement>(`tr[data-id="${CSS.escape(id)}"]`)?.focus();
  }

  function toggle(id: string) {
    picked.current = id;
    const selected = choice.selected.includes(id) ? choice.selected.filter((s) => s !== id) : [...choice.selected, id];
    choose({ sel: selected.join(",") }, true);
  }

  const isWide = useWide();
  const isBeside = Boolean(preview || choice.aside);
  const listed = useMemo(() => (isBeside && !isWide ? { ...choice, columns: choice.columns.filter((c) => !steppingBack.has(c)) } : choice), [choice, isBeside, isWide]);

  // The rows keep one and the same function, or each of them would be drawn again with every tick.
  const acts = useRef({ toggle, preview });
  acts.current = { toggle, preview };
  const onToggle = useCallback((id: string) => acts.current.toggle(id), []);
  const onPreview = useCallback((id: string) => choose({ preview: id === acts.current.preview ? null : id }, true), []);

  // Each filter with its own way out.
  const named = [
    ...choice.bands.map((b) => [words.bands[b], "band"]), ...choice.segments.map((g) => [g, "seg"]), ...choice.groups.map((g) => [g, "group"]), ...choice.grades.map((g) => [words.common.pair(words.board.grade, g), "grade"]), [choice.owner, "owner"], [choice.overdue && words.board.overdueDays(choice.overdue), "overdue"],
    [choice.held && words.board.heldOnly, "held"], [choice.unapplied && words.board.unappliedOnly, "unapplied"], [choice.rising && words.board.risingOnly, "rising"], [choice.search, "q"],
  ].filter(([label]) => label) as [string, string][];
  return (
    <>
      <h1 className="hidden">{words.board.title}</h1>
      <Tiles tiles={tiles} choice={choice} />
      <BandStrip tiles={tiles} choice={choice} />
      <div className={preview || choice.aside ? "split split-open" : "split"}>
        <section className="list" aria-label={words.board.caption}>
          <Filters choice={choice} total={total} />
          {page.problem && <Failed problem={page.problem} />}
          {choice.selected.length > 0 && (
            <p className="selection" data-testid="selection">
              {words.common.selected(choice.selected.length)} <button type="button" className="link" onClick={() => choose({ sel: null }, true)}>{words.common.clear}</button>
            </p>
          )}
          <div ref={table} className="over">
            {stale && <button type="button" className="chip chip-news chip-over" data-testid="order-changed" onClick={apply}>{words.board.orderChanged}</button>}
            <div className={view !== null && view.order.length === 0 ? "scroll" : "scroll scroll-tall"}>
              <BoardTable rows={shown} choice={listed} total={total} active={active} onActive={setActive} onToggle={onToggle} onPreview={onPreview} preview={preview}>
                {view === null && <Late><Skeleton rows={12} columns={listed.columns.length + 1} /></Late>}
              </BoardTable>
            </div>
          </div>
          {view !== null && view.order.length === 0 && <Empty />}
          <Pager choice={choice} total={total} asOf={isLivePage ? null : (page.data?.asOf ?? null)} />
        </section>
        {preview && <Preview id={preview} name={view?.rows.get(preview)?.n} close={() => choose({ preview: null }, true)} />}
        {!preview && choice.aside && <Aside choice={choice} />}
      </div>
    </>
  );

  function Empty() {
    if (named.length === 0) return <p className="empty" data-testid="empty">{words.board.emptyFirst}</p>;
    return (
      <div className="empty" data-testid="empty">
        <p>{words.common.noMatch}</p>
        <p>
          {named.map(([label, name]) => (
            <button key={label} type="button" className="chip" onClick={() => choose({ [name]: null, page: null })}>{label} ×<span className="hidden"> {words.common.remove}</span></button>
          ))}
        </p>
      </div>
    );
  }

  function Pager({ choice: c, total: all, asOf }: { choice: typeof choice; total: number | null; asOf: string | null }) {
    const pages = all === null ? 1 : Math.max(1, Math.ceil(all / c.size));
    return (
      <div className="pager">
        <label>
          {words.common.rows}{" "}
          <select value={c.size} onChange={(event) => choose({ size: event.target.value === "50" ? null : event.target.value, page: null })}>
            {[50, 100, 200].map((size) => <option key={size} value={size}>{size}</option>)}
          </select>
        </label>
        <button type="button" className="quiet" disabled={c.page <= 1} onClick={() => choose({ page: c.page <= 2 ? null : String(c.page - 1) })}>{words.common.previous}</button>
        <span data-testid="page">{words.common.page} {count(c.page, lang)} {words.common.of} {count(pages, lang)}</span>
        <button type="button" className="quiet" disabled={c.page >= pages} onClick={() => choose({ page: String(c.page + 1) })} data-testid="next-page">{words.common.next}</button>
        {asOf && (
          <span className="muted">
            {words.board.snapshot(moment(asOf, lang, zone))} <button type="button" className="link" onClick={page.reload}>{words.common.reload}</button>
          </span>
        )}
      </div>
    );
  }
}

const wide = matchMedia("(min-width: 112rem), (max-width: 68rem)");

/** True where a list has room for all its columns with something beside it, or has nothing beside it but below. */
function useWide(): boolean {
  const [is, set] = useState(wide.matches);
  useEffect(() => {
    const follow = () => set(wide.matches);
    wide.addEventListener("change", follow);
    return () => wide.removeEventListener("change", follow);
  }, []);
  return is;
}

/** Nothing is shown for what comes quickly. */
export function Late({ children }: { children: React.ReactNode }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const wait = setTimeout(() => setLate(true), 150);
    return () => clearTimeout(wait);
  }, []);
  return late ? <>{children}</> : null;
}

export interface ShownRow {
  id: string;
  row: Row;
  /** It is no longer among the rows of the view. */
  gone: boolean;
}

/**
 * Values change at once, the order does not: nothing under the pointer or the focus moves. Every two seconds the order of the server is
 * taken over, unless somebody is in the table; then a chip says that it has changed.
 */
function useStillOrder(view: View<Row> | null, question: string) {
  const table = useRef<HTMLDivElement>(null);
  const kept = useRef<{ question: string; order: readonly string[]; rows: Map<string, Row>; at: number }>({ question: "", order: [], rows: new Map(), at: 0 });
  const [, draw] = useState(0);
  const [waits, setWaits] = useState(false);
  const status = useLive();
  if (view) {
    const k = kept.current;
    if (k.question !== question || k.order.length === 0) kept.current = { question, order: view.order, rows: new Map(view.rows), at: Date.now() };
    else for (const [id, row] of view.rows) k.rows.set(id, row);
  }
  const k = kept.current;
  const differs = view !== null && k.question === question && (k.order.length !== view.order.length || k.order.some((id, i) => id !== view.order[i]));
  const apply = () => {
    if (!view) return;
    kept.current = { question, order: view.order, rows: new Map(view.rows), at: Date.now() };
    setWaits(false);
    draw((n) => n + 1);
  };
  const latest = useRef(apply);
  latest.current = apply;
  useEffect(() => {
    if (!differs || status.paused) {
      setWaits(false);
      return;
    }
    const wait = setInterval(() => {
      const isInside = table.current?.matches(":hover") || table.current?.contains(document.activeElement);
      if (isInside) setWaits(true);
      else if (Date.now() - kept.current.at >= 2_000) latest.current();
    }, 200);
    return () => clearInterval(wait);
  }, [differs, status.paused]);
  // Until the first rows of a new question came, the old ones stand; they are marked by no word, since it takes a moment only.
  const shown: ShownRow[] = k.order.map((id) => ({ id, row: k.rows.get(id)!, gone: view !== null && !view.rows.has(id) })).filter((s) => s.row !== undefined);
  return { shown: view === null && k.question !== question ? [] : shown, stale: waits && differs, apply, table };
}

