/** Starts the page in its root element. */
import "@asyncapi/react-component/styles/default.min.css";
import "./style/page.css";
import "./style/document.css";

import { createRoot } from "react-dom/client";

import { readConfig } from "./config";
import { App } from "./page/App";

const root = document.getElementById("chanspec");
if (root === null) throw new Error("The page has no #chanspec element");
createRoot(root).render(<App config={readConfig()} />);
