-- What a text of any tool means: instants, counts, money, durations. NULL where it means nothing.

create macro epoch_instant(n) as case
    when n < 100000000000 then try(make_timestamp(cast(n * 1000000 as bigint)))          -- seconds
    when n < 100000000000000 then try(make_timestamp(cast(n * 1000 as bigint)))          -- milliseconds
    when n < 100000000000000000 then try(make_timestamp(cast(n as bigint)))              -- microseconds
    else try(make_timestamp(cast(floor(n / 1000) as bigint)))                            -- nanoseconds
end;

-- ISO 8601 (no zone means UTC) or a number of seconds, milliseconds, microseconds or nanoseconds since 1970.
create macro instant(t) as case
    when regexp_full_match(t, '[0-9]{4}-[0-9]{2}-[0-9]{2}.*')
        then timezone('UTC', try_cast(t as timestamptz))
    when regexp_full_match(t, '[0-9]{9,20}(\.[0-9]*)?([eE]\+?[0-9]{1,2})?')
        then epoch_instant(try_cast(t as decimal(38, 9)))
    when regexp_full_match(t, '[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,2}')
        then epoch_instant(try_cast(t as decimal(38, 9)))
end;

-- The CSV holds instants of the years 2000 to 2099.
create macro plausible_instant(t) as case when year(t) between 2000 and 2099 then t end;

-- Printing a number again is the cheapest proof that nothing but digits stood there.
create macro count_of(t) as case
    when cast(try_cast(t as uinteger) as varchar) = t then cast(t as bigint)
    when regexp_full_match(t, '[0-9]{1,15}(\.0*)?') then cast(try_cast(t as decimal(18, 2)) as bigint)
    when regexp_full_match(t, '[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,2}')
        and try_cast(t as decimal(38, 9)) = floor(try_cast(t as decimal(38, 9)))
        then try_cast(try_cast(t as decimal(38, 9)) as bigint)
end;

create macro money_of(t) as case
    when regexp_full_match(t, '-?[0-9]*\.?[0-9]+([eE][+-]?[0-9]{1,3})?')
        then try_cast(round_even(try_cast(t as decimal(38, 25)), 9) as decimal(18, 9))
end;

create macro milliseconds_of(t) as case
    when regexp_full_match(t, '[0-9]*\.?[0-9]+([eE][+-]?[0-9]{1,3})?')
        then try_cast(round(try_cast(t as double)) as bigint)
end;
