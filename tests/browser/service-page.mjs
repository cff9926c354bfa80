// The service's view of the demo page, opened before a stand-in of the service, and the steps that several tests take on it.
import { FakeService } from './service-fake.mjs';
import { answerFirst, blankPage, site } from './site.mjs';

/**
 * Opens the service's view.
 *
 * @param context of the test, to whose end the page and the stand-in are its own
 * @param {object} [options] of `blankPage`, and `part` of the view, `service` to be used, `role` to sign in as
 * @returns the page, its address and the stand-in
 */
export async function openedService(context, { part = '', role, service = new FakeService(), ...options } = {}) {
  const page = await blankPage(context, options);
  answerFirst(context, (request, response) => service.answer(request, response));
  const { url } = await site();
  await page.goto(`${url}/#service${part}`);
  if (role !== undefined) await signIn(page, service, role);
  return { page, service, url };
}

export async function signIn(page, service, role) {
  await page.fill('.sign-in input', service.key(role));
  await page.click('.sign-in button');
  await page.waitForSelector('.workspace');
}

/** Chromium itself writes every answer of 400 and above to the console; all else is a complaint. */
export const complaints = (page) => page.complaints.filter((text) => !text.startsWith('Failed to load resource'));

/** Waits until an element holds a text. */
export const says = (page, selector, text) =>
  page.waitForFunction(([place, wanted]) => [...document.querySelectorAll(place)].some((each) => each.textContent.includes(wanted)), [selector, text]);

/** The names of what can be pressed or followed in the view. */
export const offers = (page) => page.$$eval('#service :is(button, a)', (all) => all.filter((each) => each.checkVisibility()).map((each) => each.textContent));

/** Has the next request to a path find nobody there. */
export const unreachable = (page, path) => page.route((url) => url.pathname === path, (route) => route.abort('connectionrefused'), { times: 1 });
