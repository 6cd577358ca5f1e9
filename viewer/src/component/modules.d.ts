/** Types for the parts of the component that are imported by file, where it ships none beside the code. */

declare module "@asyncapi/react-component/lib/esm/containers/AsyncApi/Standalone" {
  import type { AsyncApiProps } from "@asyncapi/react-component/lib/types/containers/AsyncApi/Standalone";
  import type { ComponentType } from "react";
  const AsyncApi: ComponentType<AsyncApiProps>;
  export default AsyncApi;
}

declare module "@asyncapi/react-component/lib/esm/types" {
  import type { PluginSlot as Slot } from "@asyncapi/react-component/lib/types/types";
  export const PluginSlot: { readonly OPERATION: Slot.OPERATION; readonly INFO: Slot.INFO };
}

declare module "openapi-sampler/src/openapi-sampler.js" {
  export function sample(schema: object, options?: Record<string, unknown>): unknown;
}

declare module "marked" {
  export interface Options {
    [name: string]: unknown;
  }
  export interface Token {
    type: string;
    raw: string;
  }
  export class Tokenizer {
    [name: string]: unknown;
  }
  export class Lexer {
    constructor(options: Options);
    lex(text: string): Token[];
    blockTokens(text: string, tokens?: Token[]): Token[];
    inlineTokens(text: string, tokens?: Token[]): Token[];
  }
  export const marked: { parser(tokens: Token[], options: Options): string; defaults: Options };
}

declare module "highlight.js/lib/core" {
  const hljs: {
    highlight(code: string, options: { language: string }): { value: string };
    getLanguage(name: string): object | undefined;
    registerLanguage(name: string, language: object): void;
  };
  export default hljs;
}

declare module "highlight.js/lib/languages/*" {
  const language: object;
  export default language;
}
