// The script of a thread in browsers.
import { serve } from '../worker-thread.js';

const receive = serve((message, transfer = []) => globalThis.postMessage(message, transfer));
globalThis.onmessage = ({ data }) => receive(data);
