/**
 * The live stream of this tab: one connection that carries every view that is on screen. Rows come whole and the latest wins, so a
 * reader that is slow, paused or away folds many changes into one and keeps one row per id, never a queue.
 */
export type Word = "connecting" | "live" | "stale" | "disconnected";

export interface View<Row> {
  order: readonly string[];
  rows: ReadonlyMap<string, Row>;
  /** When the server computed it. */
  asOf: string;
  version: number;
  /** What is said of the whole view, such as its exact count. */
  whole?: unknown;
}

export interface Status {
  word: Word;
  /** When the last frame came, by this machine's clock. */
  heardAt: number;
  lagMs: number;
  /** A source behind a living stream gives no sign of life since then. */
  staleSince: string | null;
  /** Partitions that are read back; their customers are not current. */
  notServing: readonly number[];
  notCurrentBp: number;
  paused: boolean;
  /** Changes that arrived since the pause. */
  newer: number;
  /** When the next try is made. */
  retryAt: number | null;
  /** What the service said when it ended the stream; "" when it said nothing. */
  notice: string;
}

interface Kept {
  order: string[];
  rows: Map<string, unknown>;
  asOf: string;
  version: number;
  whole?: unknown;
  shown: View<unknown> | null;
  readers: number;
  /** It came through since the page subscribed. */
  filled: boolean;
}

interface Frame {
  view: string;
  v: number;
  asOf: string;
  order?: string[];
  whole?: unknown;
  rows: Record<string, unknown>[];
}

/** Two beats that do not come. */
const silent = 10_000;
const hiddenFor = 60_000;
const retries = [1_000, 2_000, 4_000, 8_000, 10_000];

const idOf = (row: Record<string, unknown>): string => String(row.id ?? row.holdId ?? row.customer);

class LiveStream {
  private views = new Map<string, Kept>();
  private listeners = new Set<() => void>();
  private source: EventSource | null = null;
  private open = "";
  private lastId = "";
  private tries = 0;
  private timer: number | undefined;
  private hidden: number | undefined;
  private frame = 0;
  private on = false;
  private status: Status = { word: "connecting", heardAt: 0, lagMs: 0, staleSince: null, notServing: [], notCurrentBp: 0, paused: false, newer: 0, retryAt: null, notice: "" };
  private reopening: number | undefined;
  private listening = false;

  /** Told when the stream broke: whether the session has ended, the stream itself cannot see. */
  whenLost: () => void = () => undefined;

  /** The page tells something while it is hidden, and so goes on listening. */
  stays = false;

  constructor() {
    setInterval(() => this.judge(), 500);
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.hidden = window.setTimeout(() => !this.stays && this.close(), hiddenFor);
      else {
        clearTimeout(this.hidden);
        if (!this.source) this.retry();
      }
    });
    addEventListener("offline", () => this.lost());
    addEventListener("online", () => this.retry());
  }

  /** Called once somebody is signed in; false when nobody is. */
  switch(on: boolean) {
    this.on = on;
    if (on) this.subscribe();
    else {
      this.close();
      this.views.clear();
      this.lastId = "";
      this.set({ paused: false, newer: 0, word: "connecting", heardAt: 0 });
    }
  }

  /** Takes part in a view; returns how to leave it. */
  join(name: string): () => void {
    const kept = this.views.get(name) ?? { order: [], rows: new Map(), asOf: "", version: 0, shown: null, readers: 0, filled: false };
    this.views.set(name, kept);
    kept.readers++;
    this.subscribe();
    return () => {
      kept.readers--;
      // A page that is built anew leaves and joins in one go.
      window.setTimeout(() => {
        if (kept.readers > 0 || this.views.get(name) !== kept) return;
        this.views.delete(name);
        this.subscribe();
      }, 0);
    };
  }

  viewOf(name: string): View<unknown> | null {
    return this.views.get(name)?.shown ?? null;
  }

  listen = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  statusOf = (): Status => this.status;

  pause(on: boolean) {
    if (on === this.status.paused) return;
    if (!on) for (const kept of this.views.values()) this.show(kept);
    this.set({ paused: on, newer: 0 });
  }

  /** Tries at once. */
  retry() {
    clearTimeout(this.timer);
    this.tries = 0;
    this.set({ retryAt: null });
    this.connect();
  }

  private subscribe() {
    if (!this.on || this.reopening !== undefined) return;
    // What is asked for in one go becomes one request.
    this.reopening = window.setTimeout(() => {
      this.reopening = undefined;
      if (this.wanted() !== this.open || !this.source) this.connect();
    }, 0);
  }

  private wanted(): string {
    return [...this.views.keys()].sort().join(",");
  }

  private connect() {
    clearTimeout(this.timer);
    this.close();
    const wanted = this.wanted();
    if (!this.on || wanted === "" || (document.hidden && !this.stays)) return;
    this.open = wanted;
    const query = new URLSearchParams({ subs: wanted });
    if (this.lastId) query.set("after", this.lastId);
    // Views that this page does not hold yet: what others have seen of them is no reason to leave rows out.
    const fresh = [...this.views].filter(([, kept]) => !kept.filled).map(([name]) => name);
    if (fresh.length > 0 && this.lastId) query.set("fresh", fresh.join(","));
    const source = new EventSource("/api/v1/live?" + query.toString());
    this.source = source;
    source.addEventListener("snapshot", (event) => this.take(source, event, true));
    source.addEventListener("diff", (event) => this.take(source, event, false));
    source.addEventListener("beat", (event) => {
      if (source !== this.source) return;
      const beat = JSON.parse(event.data) as { lagMs: number; staleSince?: string; notServing?: number[]; notCurrentBp?: number };
      this.heard({ lagMs: beat.lagMs, staleSince: beat.staleSince ?? null, notServing: beat.notServing ?? [], notCurrentBp: beat.notCurrentBp ?? 0 });
    });
    source.addEventListener("notice", (event: MessageEvent<string>) => {
      if (source === this.source) this.lost((JSON.parse(event.data) as { kind: string }).kind);
    });
    source.onerror = () => {
      if (source === this.source) this.lost();
    };
  }

  private close() {
    this.source?.close();
    this.source = null;
    this.open = "";
  }

  /** The stream broke: the next try comes by itself, later each time. What the service said last stands until it is heard again. */
  private lost(notice = this.status.notice) {
    this.close();
    this.whenLost();
    clearTimeout(this.timer);
    if (!this.on) return;
    const wait = retries[Math.min(this.tries++, retries.length - 1)]!;
    this.set({ word: "disconnected", retryAt: Date.now() + wait, notice });
    this.timer = window.setTimeout(() => this.connect(), wait);
  }

  private heard(more: Partial<Status> = {}) {
    this.tries = 0;
    const status = { ...this.status, ...more };
    const stale = status.staleSince !== null || status.lagMs > silent;
    this.set({ ...more, heardAt: Date.now(), word: stale ? "stale" : "live", retryAt: null, notice: "" });
  }

  private judge() {
    if (this.status.word === "live" && Date.now() - this.status.heardAt > silent) this.set({ word: "stale" });
    if (this.source && this.status.word === "stale" && Date.now() - this.status.heardAt > 2 * silent) this.lost();
  }

  private take(source: EventSource, event: MessageEvent<string>, snapshot: boolean) {
    if (source !== this.source) return;
    const frame = JSON.parse(event.data) as Frame;
    if (event.lastEventId) this.lastId = event.lastEventId;
    const kept = this.views.get(frame.view);
    this.heard();
    if (!kept) return;
    if (snapshot) kept.rows = new Map();
    for (const row of frame.rows) kept.rows.set(idOf(row), row);
    if (frame.order) {
      kept.order = frame.order;
      const there = new Set(frame.order);
      for (const id of kept.rows.keys()) if (!there.has(id)) kept.rows.delete(id);
    }
    if (frame.whole !== undefined) kept.whole = frame.whole;
    kept.asOf = frame.asOf;
    kept.version = frame.v;
    const first = !kept.filled;
    kept.filled = true;
    // Tiles change with the rows that they count: a change is counted where it stands as a row.
    if (this.status.paused && !first) this.set({ newer: this.status.newer + (frame.view.startsWith("tiles") ? 0 : frame.rows.length) });
    else this.show(kept);
  }

  private show(kept: Kept) {
    if (!kept.filled) return;
    kept.shown = { order: kept.order, rows: new Map(kept.rows), asOf: kept.asOf, version: kept.version, whole: kept.whole };
    this.tell();
  }

  private set(more: Partial<Status>) {
    this.status = { ...this.status, ...more };
    this.tell();
  }

  /** All that came within a frame of the screen is drawn in it, once. A hidden tab draws nothing, so a timer stands in there. */
  private tell() {
    if (this.listening) return;
    this.listening = true;
    const draw = () => {
      clearTimeout(late);
      cancelAnimationFrame(this.frame);
      if (!this.listening) return;
      this.listening = false;
      this.listeners.forEach((listener) => listener());
    };
    this.frame = requestAnimationFrame(draw);
    const late = window.setTimeout(draw, 100);
  }
}

export const stream = new LiveStream();
