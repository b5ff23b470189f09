import { secondsSince, toAge } from "../time/age.ts";
import { useNow } from "../time/use-now.ts";
import { useWords } from "../words/use-words.tsx";
import { useLive } from "./use-live.tsx";

/** A page that is so far behind is no longer called live without a warning. */
const SLOW_S = 10;

const toLook = (status: string, delay: number): "live" | "slow" | "off" | "connecting" => {
  if (status === "connecting") return "connecting";
  if (status === "off") return "off";
  return delay > SLOW_S ? "slow" : "live";
};

/** How far what is shown is behind the fleet. */
export const LiveStatus = () => {
  const { bar } = useWords();
  const { status, delaySeconds } = useLive();
  const delay = delaySeconds ?? 0;
  const look = toLook(status, delay);
  const texts = {
    live: bar.live(delay.toFixed(1)),
    slow: bar.live(delay.toFixed(0)),
    off: bar.offline,
    connecting: bar.waiting,
  } as const;
  return (
    <span className="live" data-live={look} role="status">
      {texts[look]}
    </span>
  );
};

/** Across the page while nothing comes from the server. */
export const OfflineBanner = () => {
  const words = useWords();
  const { status, heardAt } = useLive();
  const now = useNow();
  if (status !== "off") return null;
  const age = toAge(secondsSince(new Date(heardAt).toISOString(), now), words);
  return (
    <div className="banner" role="alert">
      {words.bar.offlineSince(age)}
    </div>
  );
};
