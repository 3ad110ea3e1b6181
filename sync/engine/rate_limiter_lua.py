"""The scripts that the throttle runs in Redis.

Redis runs a script as one step and on its own clock, so no two processes can take the same turn and no machine's clock
matters. Times are whole microseconds. KEYS[1] is the list of turns, newest first, KEYS[2] a hash:

* epoch: new whenever the list had to be made anew; it begins with the id of the run of Redis that it belongs to
* seeded: set once what was sent before that is in the list
* closed: until when nobody is let through
* refused, refused_before: when the last two answers of 429 came
* period, used, counted: since when turns are counted in the tally, how many were given out since then, and how many the
  tally has been told of; before, before_used: the period before that and all that was used of it
* owed: from when on work in the background passes as a person would
"""

# The first argument is a simulated time, in tests.
_CLOCK = """
local function digits(number) return string.format('%.0f', number) end
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
"""

# The list counts only if this run of Redis made it: one that was restarted may have forgotten the last seconds or
# minutes. Nor does it count when a clock was set back, since no turn is given out a minute ahead.
_OPEN = (
    _CLOCK
    + """
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local known = redis.call('HMGET', KEYS[2], 'epoch', 'seeded', 'closed', 'owed', 'period', 'used', 'counted')
local epoch, seeded = known[1], known[2]
local newest = tonumber(redis.call('LINDEX', KEYS[1], 0))
local lost = not epoch or string.sub(epoch, 1, #run) ~= run
if lost or seeded and (not newest or newest > now + 60000000) then
  redis.call('DEL', KEYS[1], KEYS[2])
  epoch, seeded = run .. ':' .. digits(now), false
  redis.call('HSET', KEYS[2], 'epoch', epoch)
end
if not seeded then return {'seed', epoch} end
local closed = tonumber(known[3]) or 0
"""
)

# now, microseconds that the caller can wait. Before it stand the constants of a lane, see `constants`.
TAKE = (
    _OPEN
    + """
local listed = redis.call('LLEN', KEYS[1])
local function after_windows(windows, turn)
  for i = 1, #windows, 2 do
    local index = windows[i] - 1
    -- Redis walks to a place of a long list from the end that it is told to.
    if index > listed / 2 then index = index - listed end
    if windows[i] <= listed then
      turn = math.max(turn, redis.call('LINDEX', KEYS[1], index) + windows[i + 1])
    end
  end
  return turn
end
local reach, owed = tonumber(ARGV[2]), tonumber(known[4]) or 0
local turn = after_windows(for_everybody, math.max(now, newest, closed))
if often > 0 and turn < owed then
  turn = after_windows(for_background, turn)
  reach = math.min(reach, background_reach)
end
if turn - now > reach then return {'later', turn - now} end

local period, used, counted = known[5], tonumber(known[6]), tonumber(known[7])
if not period or turn - period >= period_length then
  if period then redis.call('HSET', KEYS[2], 'before', period, 'before_used', used) end
  period, used, counted = digits(turn), 0, 0
  redis.call('HSET', KEYS[2], 'period', period, 'used', 0, 'counted', 0)
end
if used >= counted then
  local before = redis.call('HMGET', KEYS[2], 'before', 'before_used')
  return {'count', epoch, period, used, before[1], before[2]}
end

if redis.call('LPUSH', KEYS[1], digits(turn)) > length then redis.call('RPOP', KEYS[1]) end
if often > 0 then
  owed = math.min(math.max(owed, turn) + often, turn + 3600000000)
  redis.call('HSET', KEYS[2], 'used', used + 1, 'owed', digits(owed))
else
  redis.call('HSET', KEYS[2], 'used', used + 1)
end
local reply = {'turn', turn - now, turn, epoch}
if block > 1 and counted - used - 1 == math.floor(block / 2) then
  reply[5], reply[6] = period, counted
end
return reply
"""
)


def constants(**values: int | list[int]) -> str:
    """Lua that names what does not change, so that it need not travel with each call.

    `length` of the list; `period_length`, and size of a `block` of the tally; the windows `for_everybody` and
    `for_background`, each a place in the list and the microseconds that must lie between the turn there and the next
    one; in the background `often`, every how many microseconds it may pass as a person would, and `background_reach`,
    how far ahead it may take turns otherwise.
    """
    tables = {name: f"{{{str(value)[1:-1]}}}" for name, value in values.items() if isinstance(value, list)}
    return "".join(f"local {name} = {value}\n" for name, value in (values | tables).items())


# epoch, period, how many the tally was told of.
COUNTED = """
local known = redis.call('HMGET', KEYS[2], 'epoch', 'period', 'counted')
if known[1] == ARGV[1] and known[2] == ARGV[2] and tonumber(known[3]) < tonumber(ARGV[3]) then
  redis.call('HSET', KEYS[2], 'counted', ARGV[3])
end
"""

# now, length of the list, epoch, then pairs: microseconds ago, requests; the newest first. The time 0 at the end says
# that the list is whole even when nothing was sent.
SEED = (
    _CLOCK
    + """
local known = redis.call('HMGET', KEYS[2], 'epoch', 'seeded')
if known[1] ~= ARGV[3] or known[2] then return end
local room = tonumber(ARGV[2])
for i = 4, #ARGV, 2 do
  local turn, count = digits(now - ARGV[i]), math.min(ARGV[i + 1], room)
  room = room - count
  while count > 0 do
    local some = {}
    for j = 1, math.min(count, 1000) do some[j] = turn end
    redis.call('RPUSH', KEYS[1], unpack(some))
    count = count - #some
  end
end
redis.call('RPUSH', KEYS[1], 0)
redis.call('HSET', KEYS[2], 'seeded', 1)
"""
)

# now, microseconds.
CLOSE = (
    _CLOCK
    + """
local closed = tonumber(redis.call('HGET', KEYS[2], 'closed')) or 0
redis.call('HSET', KEYS[2], 'closed', digits(math.max(closed, now + ARGV[2])))
"""
)

# now, requests in a second and in an hour at which the windows are nearly full, microseconds that the gate is closed,
# how many requests may lie between three refusals in a row. Returns 1 when nobody may send because of this refusal.
#
# A full second refuses until its oldest request is a second old, so the gate is closed no longer for it. Where more
# requests lie between refusals, Battle.net does not refuse everything.
REFUSED = (
    _CLOCK
    + """
local function turns_after(moment)
  local low, high = 0, redis.call('LLEN', KEYS[1])
  while low < high do
    local middle = math.floor((low + high) / 2)
    if tonumber(redis.call('LINDEX', KEYS[1], middle)) > moment then low = middle + 1 else high = middle end
  end
  return low
end
local known = redis.call('HMGET', KEYS[2], 'closed', 'refused', 'refused_before')
if tonumber(known[1] or 0) > now then return 1 end
redis.call('HSET', KEYS[2], 'refused', digits(now), 'refused_before', known[2] or 0)

local close = 0
local to_come, in_second = turns_after(now), turns_after(now - 1000000)
if in_second - to_come >= tonumber(ARGV[2]) then
  close = redis.call('LINDEX', KEYS[1], in_second - 1) + 1000000
end
local first = tonumber(known[3] or 0)
local in_a_row = now - first <= 1000000 and turns_after(first) - to_come <= tonumber(ARGV[5])
if in_a_row or turns_after(now - 3600000000) - to_come >= tonumber(ARGV[3]) then close = now + ARGV[4] end
if close <= now then return 0 end
redis.call('HSET', KEYS[2], 'closed', digits(close))
return 1
"""
)

# now, then windows in microseconds; returns whether the gate is closed, and how many turns lie in each.
COUNT = (
    _OPEN
    + """
local reply = {'budget', closed > now and 1 or 0}
for i = 2, #ARGV do
  local low, high = 0, redis.call('LLEN', KEYS[1])
  while low < high do
    local middle = math.floor((low + high) / 2)
    if tonumber(redis.call('LINDEX', KEYS[1], middle)) > now - ARGV[i] then low = middle + 1 else high = middle end
  end
  reply[i + 1] = low
end
return reply
"""
)
