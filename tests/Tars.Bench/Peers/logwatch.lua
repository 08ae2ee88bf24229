-- The counting of samples/logwatch.tars for RFC 5424 lines: by level and by source.
local levels = { [0] = "error", "error", "error", "error", "warn", "info", "info", "debug" }
local by_level, by_source, rejected = {}, {}, 0
for line in io.lines() do
  local priority, host = line:match("^<(%d+)>1 %S+ (%S+) ")
  if priority then
    local level = levels[priority % 8]
    host = host:lower()
    by_level[level] = (by_level[level] or 0) + 1
    by_source[host] = (by_source[host] or 0) + 1
  else
    rejected = rejected + 1
  end
end
local sources = 0
for _ in pairs(by_source) do sources = sources + 1 end
for _, level in ipairs({ "debug", "info", "warn", "error" }) do
  if by_level[level] then print(level .. ": " .. by_level[level]) end
end
print("sources: " .. sources .. ", not understood: " .. rejected)
