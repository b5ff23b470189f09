import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { followLive, type LiveState } from "./live-feed.ts";

const FIRST: LiveState = { status: "connecting", heardAt: Date.now(), delaySeconds: null };
const LiveContext = createContext<LiveState>(FIRST);

/** Follows the server's events for as long as it is shown; comes back with the network and with the tab. */
export const LiveProvider = ({ children }: { readonly children: ReactNode }) => {
  const queries = useQueryClient();
  const [state, setState] = useState<LiveState>(FIRST);
  useEffect(() => followLive(queries, (change) => setState((before) => ({ ...before, ...change }))), [queries]);
  return <LiveContext value={state}>{children}</LiveContext>;
};

export const useLive = (): LiveState => useContext(LiveContext);
