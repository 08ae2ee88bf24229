using Tars.Packages.Toml;

namespace Tars.Packages.Grants;

/// <summary>The lines of a `tars.toml` that answer demands, as an operator could have written them.</summary>
public static class GrantLines
{
    /// <summary>A table for each module, its devices below; a path that nobody named is the device's name.</summary>
    /// <param name="demands">Of devices that need a grant.</param>
    public static IEnumerable<string> Of(IEnumerable<Demand> demands)
    {
        foreach (var module in demands.GroupBy(one => one.Module))
        {
            yield return Header(module.Key);
            foreach (var demand in module)
            {
                yield return Of(demand, Proposal(demand));
            }
        }
    }

    /// <summary>The header of a module's table.</summary>
    public static string Header(string module) => $"[grant.{TomlWriter.Key(module)}]";

    /// <summary>One line that gives a device something.</summary>
    /// <param name="given">A path, or the items of a list; null withholds it.</param>
    public static string Of(Demand demand, IReadOnlyList<string>? given)
    {
        string key = $"device.{TomlWriter.Key(demand.Name)}";
        if (given is null || GrantKinds.Find(demand.Detail) is not { } kind)
        {
            return $"{key} = {(given is null ? "false" : "true")}";
        }

        string value = kind.Form == GrantForm.Path
            ? TomlWriter.Quoted(given[0])
            : $"[{string.Join(", ", given.Select(TomlWriter.Quoted))}]";
        return $"{key} = {{ {kind.Key} = {value} }}";
    }

    /// <summary>What could be given: all that is asked, and for a path the device's name beside the program.</summary>
    public static IReadOnlyList<string> Proposal(Demand demand) =>
        !demand.Wanted.IsEmpty ? demand.Wanted
        : GrantKinds.Find(demand.Detail) is { Form: GrantForm.Addresses, Shape: var shape } ? [shape]
        : [demand.Name];
}
