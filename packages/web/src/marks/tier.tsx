import type { Tier } from "@airfleet/model";
import { useWords } from "../words/use-words.tsx";

/** How much care acting there needs: filled, outlined or dashed, with its word. */
export const TierMark = ({ tier }: { readonly tier: Tier }) => {
  const { tiers } = useWords();
  return (
    <span className="tier" data-tier={tier}>
      {tiers[tier]}
    </span>
  );
};

/** An instance's id with the mark of its tier. */
export const At = ({ instance, tier }: { readonly instance: string; readonly tier: Tier }) => (
  <span className="at" data-tier={tier}>
    {instance}
  </span>
);
