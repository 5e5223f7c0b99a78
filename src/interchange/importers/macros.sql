-- What a text of any tool means: instants, counts, money, durations. NULL where it means nothing.

-- A text without blanks around it; NULL if nothing is left. Trimming costs ten times what looking costs.
create macro cleaned(t) as nullif(case when t like ' %' or t like '% ' then trim(t) else t end, '');

-- A label with neither letter case nor the marks between its words.
create macro squashed(t) as replace(replace(replace(lower(t), '_', ''), '-', ''), ' ', '');

-- Ids of spans and traces: hexadecimal, or the same bytes in base64; all zeros mean that there is none.
create macro hex_id(t) as case
    when t like '%=' then nullif(lower(hex(try(from_base64(t)))), '0000000000000000')
    when t like '0x%' then t[3:]
    when t <> '0000000000000000' then t
end;

create macro epoch_instant(n) as case
    when n < 100000000000 then try(make_timestamp(cast(n * 1000000 as bigint)))          -- seconds
    when n < 100000000000000 then try(make_timestamp(cast(n * 1000 as bigint)))          -- milliseconds
    when n < 100000000000000000 then try(make_timestamp(cast(n as bigint)))              -- microseconds
    else try(make_timestamp(cast(floor(n / 1000) as bigint)))                            -- nanoseconds
end;

-- ISO 8601 in the ways in which it is commonly bent: lower case, a comma, blanks before a zone, Go's zones.
create macro iso_instant(t) as make_timestamp(epoch_us(coalesce(try_cast(t as timestamptz), try_cast(
    regexp_replace(regexp_replace(replace(upper(t), ',', '.'), ' ([+-][0-9:]+)( [A-Z]+)?$', '\1'), '([0-9])T([0-9])', '\1 \2')
    as timestamptz))));

-- ISO 8601 (no zone means UTC) or a number of seconds, milliseconds, microseconds or nanoseconds since 1970.
-- Printing a number again is the cheapest proof that nothing but digits stood there.
create macro instant(t) as case
    when t like '____-%' then iso_instant(t)
    when strlen(t) = 19 and cast(try_cast(t as bigint) as varchar) = t
        then make_timestamp(cast(t as bigint) // 1000)
    when regexp_full_match(t, '[0-9]{9,20}(\.[0-9]*)?([eE]\+?[0-9]{1,2})?')
        then epoch_instant(try_cast(t as decimal(38, 9)))
    when regexp_full_match(t, '[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,2}')
        then epoch_instant(try_cast(t as decimal(38, 9)))
    when t like '____/%' then iso_instant(t)
end;

-- Whether a text is a date or a time in the manner of ISO 8601 that names no zone.
create macro is_unzoned(t) as case when t like '%Z' then false else regexp_full_match(t,
    '[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}([ Tt][0-9]{1,2}(:[0-9]{1,2}(:[0-9]{1,2}([.,][0-9]*)?)?)?)?') end;

-- What the clocks of a zone show at an instant (UTC).
create macro local_time(i, z) as timezone(z, timezone('UTC', i));
-- The instant of a local time, by the offset that holds a day before (or after); clocks are moved once in two days at most.
create macro by_offset_near(l, days, z) as l - (local_time(l + to_days(days), z) - (l + to_days(days)));
create macro between_offsets(l, a, b, z) as case
    when a = b or local_time(a, z) = l and local_time(b, z) <> l then a
    when local_time(b, z) = l and local_time(a, z) <> l then b
    when local_time(a, z) = l then least(a, b)
    else a end;
create macro zoned_instant(l, z) as between_offsets(l, by_offset_near(l, -1, z), by_offset_near(l, 1, z), z);
create macro doubt_between(l, a, b, z) as case
    when a = b or (local_time(a, z) = l) <> (local_time(b, z) = l) then 'unzoned'
    when local_time(a, z) = l then 'twice'
    else 'skipped' end;
create macro zone_doubt(l, z) as doubt_between(l, by_offset_near(l, -1, z), by_offset_near(l, 1, z), z);

-- The CSV holds instants of the years 2000 to 2099.
create macro plausible_instant(t) as case when year(t) between 2000 and 2099 then t end;

create macro count_of(t) as case
    when cast(try_cast(t as uinteger) as varchar) = t then cast(t as bigint)
    when regexp_full_match(t, '[0-9]{1,15}(\.0*)?') then cast(try_cast(t as decimal(18, 2)) as bigint)
    when regexp_full_match(t, '[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,2}')
        and try_cast(t as decimal(38, 9)) = floor(try_cast(t as decimal(38, 9)))
        then try_cast(try_cast(t as decimal(38, 9)) as bigint)
end;

-- The currency that an amount is marked with: $0.12, 0,12 €, EUR 0.12; NULL where it has no mark. Nearly none has one.
create macro has_mark(t) as case when t >= '0' and t < ':' and right(t, 1) >= '.' and right(t, 1) < ':' then false
    else regexp_matches(t, '[0-9]') end;
create macro mark_of(m) as case m when 'US$' then 'USD' when '$' then 'USD' when '€' then 'EUR' when '£' then 'GBP' else m end;
create macro currency_mark(t) as case when has_mark(t) then mark_of(nullif(concat(
    regexp_extract(t, '^[-+]? *(US\$|[$€£]|[A-Z]{3}) *[-+]?[0-9.,]', 1), regexp_extract(t, '[0-9.,] *(US\$|[$€£]|[A-Z]{3})$', 1)
    ), '')) end;
create macro without_mark(t) as case when has_mark(t) then regexp_replace(
    regexp_replace(t, '^([-+]?) *(?:US\$|[$€£]|[A-Z]{3}) *([-+]?[0-9.,])', '\1\2'), '([0-9.,]) *(?:US\$|[$€£]|[A-Z]{3})$', '\1'
    ) else t end;
create macro currency_said(named, mark) as case
    when mark is null or upper(named) = mark then upper(named)
    when named is null then mark
    else upper(named) || '/' || mark end;

-- An id; programs write a missing one as a word.
create macro real_id(t) as case when lower(t) not in ('none', 'null', 'undefined', 'nan', 'n/a', '-') then t end;

-- The name of a model; tools write that they know none as a word.
create macro real_model(t) as case
    when lower(t) not in ('unknown', 'none', 'null', 'undefined', 'nan', 'n/a', '-', 'unknown_model') then t end;

-- The outcome of a call in the words and codes in common use: error, success, or NULL where it is neither.
create macro status_of(t) as case
    when t in ('success', 'error') then t
    when regexp_full_match(t, '[1-5][0-9]{2}') then case when t >= '400' then 'error' else 'success' end
    when squashed(t) in ('error', 'errored', 'err', 'fail', 'failed', 'failure', 'timeout', 'timedout', 'exception',
        'cancelled', 'canceled', 'aborted', 'rejected', 'ratelimited', 'statuscodeerror', 'ko', 'erroredbillable',
        'expired') then 'error'
    when squashed(t) in ('success', 'successful', 'succeeded', 'ok', 'okay', 'complete', 'completed', 'done', 'finished',
        'statuscodeok', 'statuscodeunset', 'unset', 'passed', 'default', 'stop') then 'success'
end;

-- Rounding half-even costs ten times what reading costs, and is needed only where the tenth decimal is near a half.
create macro money_of(t) as case
    when regexp_full_match(t, '-?[0-9]*(\.?[0-9]{1,9}|\.[0-9]{9}[0-36-9][0-9]*)') then try_cast(t as decimal(18,9))
    when regexp_full_match(t, '-?[0-9]*\.?[0-9]+([eE][+-]?[0-9]{1,3})?')
        then try_cast(round_even(try_cast(t as decimal(38,25)), 9) as decimal(18,9))
end;

create macro milliseconds_of(t) as case
    when regexp_full_match(t, '[0-9]*\.?[0-9]+([eE][+-]?[0-9]{1,3})?')
        then try_cast(round(try_cast(t as double)) as bigint)
end;
