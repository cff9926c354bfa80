-- Realistic memories, from number :first to number :last, of the account :account. Chance comes from :seed and the number
-- of the row alone, so an account always gets the same rows. They are made inside SQLite, since a million rows as text
-- would take far longer to read than to make. `cargo xtask demo-data` puts the parameters in.

INSERT INTO memories
  (id, account_id, content, user_id, agent_id, session_id, priority, categories, metadata, created_at, updated_at)
WITH RECURSIVE
  numbers (n) AS (
    SELECT :first UNION ALL SELECT n + 1 FROM numbers WHERE n < :last
  ),
  -- Lehmer's generator, squared on the way so that neighbours have nothing in common; all products stay below 2^63.
  mixed (n, x) AS (
    SELECT n, (n * 48271 + :seed) % 2147483647 FROM numbers
  ),
  rolled (n, a) AS (
    SELECT n, (x * (x / 65536 + 1) + n) % 2147483647 FROM mixed
  ),
  chained (n, a, b) AS (
    SELECT n, a, (a * (a / 32768 + 3) + 12345) % 2147483647 FROM rolled
  ),
  dice (n, a, b, c, d, e) AS MATERIALIZED (
    SELECT
      n, a, b,
      (b * 16807 + a) % 2147483647,
      (b * 69621 + n) % 2147483647,
      (a * 39373 + b) % 2147483647
    FROM chained
  ),

  people (i, id, name) AS (VALUES
    (0, 'zoe-mueller', 'Zoë Müller'), (1, 'bjoern-lindqvist', 'Björn Lindqvist'), (2, 'thi-linh-nguyen', 'Nguyễn Thị Linh'),
    (3, 'amara-okonkwo', 'Amara Okonkwo'), (4, 'sean-obrien', 'Seán O''Brien'), (5, 'yuki-tanaka', '田中 ゆき'),
    (6, 'francois-lefevre', 'François Lefèvre'), (7, 'ines-garcia', 'Inés García Núñez'), (8, 'lukasz-wojcik', 'Łukasz Wójcik'),
    (9, 'elif-yilmaz', 'Elif Yılmaz'), (10, 'dmitri-volkov', 'Дмитрий Волков'), (11, 'noa-levi', 'נועה לוי'),
    (12, 'omar-haddad', 'عمر حداد'), (13, 'priya-raman', 'பிரியா ராமன்'), (14, 'wei-zhang', '张伟'),
    (15, 'soren-jorgensen', 'Søren Jørgensen'), (16, 'grace-hopkins', 'Grace "Gigi" Hopkins'), (17, 'joao-araujo', 'João Araújo'),
    (18, 'maeve-ni-riain', 'Maeve Ní Riain'), (19, 'kim-minjun', '김민준'), (20, 'aroha-ngata', 'Aroha Ngāta'),
    (21, 'dvorak-jiri', 'Jiří Dvořák'), (22, 'anna-strauss', 'Anna Strauß'), (23, 'tom-becker', 'Tom Becker, Jr.')
  ),
  agents (i, id) AS (VALUES
    (0, 'agent-support-desk'), (1, 'agent-travel'), (2, 'agent-meeting-notes'), (3, 'agent-billing'),
    (4, 'agent-onboarding'), (5, 'agent-research'), (6, 'agent-kueche'), (7, 'agent-release-watch')
  ),
  categories (i, name) AS (VALUES
    (0, 'preferences'), (1, 'work'), (2, 'travel'), (3, 'health'), (4, 'family'), (5, 'food & drink'),
    (6, 'finance'), (7, 'projects'), (8, 'meetings'), (9, 'learning'), (10, 'Müßiggang'), (11, 'support')
  ),
  places (i, name) AS (VALUES
    (0, 'Zürich'), (1, 'São Paulo'), (2, 'Reykjavík'), (3, '東京'), (4, 'Kraków'), (5, 'Montréal'), (6, 'Göteborg'),
    (7, 'Lagos'), (8, 'Xi''an'), (9, 'Besançon'), (10, 'Αθήνα'), (11, 'Winston-Salem, NC'), (12, 'Đà Nẵng'),
    (13, 'Київ'), (14, 'Köln (Deutz)'), (15, 'Málaga')
  ),
  things (i, name) AS (VALUES
    (0, 'the quarterly report'), (1, 'invoice 2024/0417'), (2, 'the "Aurora" launch'), (3, 'a standing desk'),
    (4, 'oat milk, no sugar'), (5, 'the onboarding checklist'), (6, 'dark mode'), (7, 'the API migration (v2 → v3)'),
    (8, 'piano lessons'), (9, 'the Q3 budget of € 48,500.00'), (10, 'crème brûlée'), (11, 'ticket #80213'),
    (12, 'the half-marathon'), (13, 'C++ and Rust'), (14, 'window seats'), (15, 'the lease; its clause 7'),
    (16, 'weekly 1:1s'), (17, 'gluten-free bread'), (18, 'the 3–0 win'), (19, 'their "quiet hours"')
  ),
  -- Names are filled in below. Some texts are what spreadsheets take for formulas, numbers or dates.
  sentences (i, text) AS (VALUES
    (0, '{person} prefers {thing}.'), (1, '{person} moved to {place} in spring and works from there.'),
    (2, 'Asked about {thing}; said "not before Friday".'), (3, 'Remind {person} of {thing} before the trip to {place}.'),
    (4, '{person} is allergic to peanuts and carries an EpiPen.'), (5, 'Lives in {place}, time zone differs by 7½ hours.'),
    (6, 'Likes {thing}, dislikes small talk.'), (7, '{person} wants answers short, in bullet points, without emoji 🙂.'),
    (8, 'Paid for {thing} in three instalments (33⅓ % each).'), (9, 'Wrote: “Let''s finish {thing} first; the rest can wait.”'),
    (10, 'Owns two cats, Mütze and Größenwahn.'), (11, '{person} reports to the office in {place}.'),
    (12, 'Next review of {thing} is due in six weeks.'), (13, 'Speaks German, English and a little 日本語.'),
    (14, '{person} asked to be called by the first name only.'), (15, 'Blocked by {thing}; escalated to {person}.'),
    (16, 'Keeps notes as C:\projects\{place}\notes.md.'), (17, 'Birthday on 29 February; celebrates in {place}.'),
    (18, 'Uses {thing} every day and would miss it.'), (19, 'Decided against {thing} after the talk with {person}.'),
    (20, 'Prefers trains to planes, even as far as {place}.'), (21, 'Signed the contract about {thing} on 2025-03-14.'),
    (22, 'Email bounced for {person} <no-reply@example.com>; try again & call.'), (23, 'Budget approved: 1.234,56 € for {thing}.')
  ),
  oddities (i, text) AS (VALUES
    (0, '=SUM(B2:B9)'), (1, '+33 1 23 45 67 89'), (2, '@channel please read'), (3, '-12.50'), (4, '007'), (5, '1e5'),
    (6, '=HYPERLINK("https://example.com/?q="&A1,"open")'), (7, '''=1+1'), (8, '2025-02-30'), (9, 'TRUE'),
    (10, '12345678901234567890'), (11, '- buy milk' || char(10) || '- call back'), (12, '<b>bold</b> & "quoted"'), (13, '   '),
    (14, 'ＮＡＭＥ＝値'), (15, '👩‍👩‍👧‍👦 family dinner'), (16, 'a|b|c' || char(9) || 'd'), (17, 'NULL'), (18, '')
  ),

  picked AS (
    SELECT
      dice.*,
      people.id AS user_id,
      agents.id AS agent_id,
      places.name AS place,
      CASE
        WHEN a % 100 < 2 THEN oddities.text
        WHEN a % 100 < 55 THEN first.text
        WHEN a % 100 < 82 THEN first.text || ' ' || second.text
        WHEN a % 100 < 97 THEN first.text || char(10) || second.text || ' ' || third.text
        ELSE
          third.text || char(13, 10, 13, 10)
          || replace(hex(zeroblob(4 + b % 16)), '00', '- ' || first.text || char(10) || '- ' || second.text || char(10))
      END AS text,
      people.name AS person,
      things.name AS thing,
      first_category.name AS c1, second_category.name AS c2, third_category.name AS c3, fourth_category.name AS c4
    FROM dice
      CROSS JOIN people ON people.i = b % 24
      CROSS JOIN agents ON agents.i = c % 8
      CROSS JOIN places ON places.i = d % 16
      CROSS JOIN things ON things.i = e % 20
      CROSS JOIN sentences AS first ON first.i = c / 8 % 24
      CROSS JOIN sentences AS second ON second.i = d / 16 % 24
      CROSS JOIN sentences AS third ON third.i = e / 20 % 24
      CROSS JOIN oddities ON oddities.i = b / 24 % 19
      -- Steps of 5 from any start meet four different categories of twelve.
      CROSS JOIN categories AS first_category ON first_category.i = d / 400 % 12
      CROSS JOIN categories AS second_category ON second_category.i = (d / 400 + 5) % 12
      CROSS JOIN categories AS third_category ON third_category.i = (d / 400 + 10) % 12
      CROSS JOIN categories AS fourth_category ON fourth_category.i = (d / 400 + 15) % 12
  )
SELECT
  format('mem_%08d', n),
  :account,
  replace(replace(replace(text, '{person}', person), '{place}', place), '{thing}', thing),
  CASE WHEN e % 20 > 0 THEN user_id END,
  CASE WHEN d % 7 > 0 THEN agent_id END,
  CASE WHEN c % 10 > 0 THEN format('session-%06d', n / 9) END,
  CASE e / 400 % 10 WHEN 0 THEN 'HIGH' WHEN 1 THEN 'HIGH' WHEN 2 THEN NULL WHEN 3 THEN NULL WHEN 4 THEN 'LOW' WHEN 5 THEN 'LOW' ELSE 'MEDIUM' END,
  CASE c / 200 % 8
    WHEN 0 THEN '[]'
    WHEN 1 THEN json_array(c1, c2)
    WHEN 2 THEN json_array(c1, c2)
    WHEN 3 THEN json_array(c1, c2, c3)
    WHEN 4 THEN json_array(c1, c2, c3, c4)
    ELSE json_array(c1)
  END,
  CASE a / 100 % 10
    WHEN 0 THEN NULL
    WHEN 1 THEN NULL
    WHEN 2 THEN '{}'
    WHEN 3 THEN json_object('source', 'import', 'file', 'Übersicht.xlsx', 'line', n)
    WHEN 4 THEN json_object('source', 'chat', 'confidence', (b % 1000) / 1000.0, 'pinned', json('true'))
    WHEN 5 THEN json_object('source', 'mail', 'place', json_object('name', place, 'visits', b % 40), 'tags', json_array(c1, 'über "all"'))
    ELSE json_object('source', 'chat', 'confidence', (b % 1000) / 1000.0, 'lang', CASE b % 3 WHEN 0 THEN 'de' WHEN 1 THEN 'en' END)
  END,
  -- The years 2024 and 2025; one in eight falls on a whole second.
  strftime('%Y-%m-%dT%H:%M:%fZ', 1704067200 + b % 63158400 + CASE WHEN a % 8 > 0 THEN c % 1000 / 1000.0 ELSE 0 END, 'unixepoch'),
  strftime('%Y-%m-%dT%H:%M:%fZ', 1704067200 + b % 63158400 + CASE WHEN e % 3 > 0 THEN 1 + d % 2592000 ELSE 1 END, 'unixepoch')
FROM picked
WHERE true ON CONFLICT DO NOTHING;
