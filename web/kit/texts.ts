import type { Messages } from "./texts.generated";

/** Texts of one file: a string, or a function of its variables. */
export type Catalogue<F extends keyof Messages> = {
  readonly [K in keyof Messages[F]]: keyof Messages[F][K] extends never ? string : (args: Messages[F][K]) => string;
};

type Arguments<M> = keyof M extends never ? [] : [M];

/** Returns how to look texts up: unknown texts, and missing or wrong variables are type errors. */
export function lookup<F extends keyof Messages>(catalogue: () => Catalogue<F>) {
  return <K extends keyof Messages[F]>(id: K, ...args: Arguments<Messages[F][K]>): string => {
    const text = catalogue()[id] as string | ((args: unknown) => string);
    return typeof text === "string" ? text : text(args[0]);
  };
}
