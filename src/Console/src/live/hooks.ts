import { useEffect, useSyncExternalStore } from "react";
import { stream, type Status, type View } from "./stream";

/** The rows of a view; null until the first came. */
export function useView<Row>(name: string | null): View<Row> | null {
  useEffect(() => (name === null ? undefined : stream.join(name)), [name]);
  return useSyncExternalStore(stream.listen, () => (name === null ? null : stream.viewOf(name))) as View<Row> | null;
}

export function useLive(): Status {
  return useSyncExternalStore(stream.listen, stream.statusOf);
}
