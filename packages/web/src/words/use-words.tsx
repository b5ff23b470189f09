import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { en } from "./en.ts";
import { fr } from "./fr.ts";
import type { Words } from "./words.ts";

const LANGUAGES = { en, fr } as const;
type Language = keyof typeof LANGUAGES;
const KEPT = "airfleet.language";

const isLanguage = (value: string | null): value is Language => value === "en" || value === "fr";

/** What the reader chose here, else what the browser asks for, else English. */
const firstLanguage = (): Language => {
  const kept = localStorage.getItem(KEPT);
  if (isLanguage(kept)) return kept;
  return navigator.languages.some((each) => each.toLowerCase().startsWith("fr")) &&
    !(navigator.languages[0] ?? "").toLowerCase().startsWith("en")
    ? "fr"
    : "en";
};

interface Speaking {
  readonly words: Words;
  readonly switchLanguage: () => void;
}

const SpeakingContext = createContext<Speaking>({ words: en, switchLanguage: () => undefined });

export const WordsProvider = ({ children }: { readonly children: ReactNode }) => {
  const [language, setLanguage] = useState<Language>(firstLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const speaking = useMemo<Speaking>(
    () => ({
      words: LANGUAGES[language],
      switchLanguage: () => {
        const next = language === "en" ? "fr" : "en";
        localStorage.setItem(KEPT, next);
        setLanguage(next);
      },
    }),
    [language],
  );
  return <SpeakingContext value={speaking}>{children}</SpeakingContext>;
};

/** The interface's words in the reader's language. */
export const useWords = (): Words => useContext(SpeakingContext).words;

export const useSwitchLanguage = (): (() => void) => useContext(SpeakingContext).switchLanguage;
