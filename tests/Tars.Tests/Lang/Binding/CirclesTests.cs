using System.Globalization;
using Tars.Base;
using Tars.Lang.Binding;
using Xunit;

namespace Tars.Tests.Lang.Binding;

/// <summary>What leads back to itself is found, and nothing else.</summary>
public sealed class CirclesTests
{
    [Fact]
    public void The_names_on_circles_are_those_that_can_be_reached_from_themselves()
    {
        var random = new Xoshiro256(7);
        int found = 0;
        for (int round = 0; round < 300; round++)
        {
            int count = 1 + random.Next(12);
            var edges = Enumerable.Range(0, count).ToDictionary(
                Name, _ => Enumerable.Range(0, random.Next(3)).Select(_ => Name(random.Next(count))).ToArray());
            string[] expected = [.. edges.Keys.Where(name => ReachedFrom(name, edges).Contains(name)).Order()];
            Assert.Equal(expected, Circles.In(edges.Keys, name => edges[name]).Order());
            found += expected.Length;
        }

        Assert.InRange(found, 300, 3_000);
    }

    [Fact]
    public void A_long_chain_needs_no_deep_stack()
    {
        const int Count = 200_000;
        string[] names = [.. Enumerable.Range(0, Count).Select(Name)];
        string[] Next(string name) => [names[(int.Parse(name, CultureInfo.InvariantCulture) + 1) % Count]];
        Assert.Equal(Count, Circles.In(names, Next).Count);
    }

    private static string Name(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static HashSet<string> ReachedFrom(string first, Dictionary<string, string[]> edges)
    {
        var reached = new HashSet<string>();
        var waiting = new Stack<string>([first]);
        while (waiting.TryPop(out string? name))
        {
            foreach (string next in edges[name].Where(reached.Add))
            {
                waiting.Push(next);
            }
        }

        return reached;
    }
}
