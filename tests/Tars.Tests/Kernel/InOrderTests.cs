using Tars.Kernel.Ports;
using Tars.Kernel.Processes;
using Xunit;

namespace Tars.Tests.Kernel;

/// <summary>A list by ids is what a sorted dictionary is, whatever comes and goes in whatever order.</summary>
public sealed class InOrderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_holds_what_a_sorted_dictionary_holds_in_its_order(int seed)
    {
        var random = new Random(seed);
        var list = new InOrder<string>();
        var model = new SortedDictionary<ProcessId, string>();
        long highest = 0;
        for (int round = 0; round < 20_000; round++)
        {
            // Mostly a new highest id, at times one of before, as of another shard.
            var id = new ProcessId(random.Next(4) == 0 ? random.NextInt64(1, highest + 2) : highest + 1);
            bool grows = random.Next(100) < (round / 5_000 % 2 == 0 ? 70 : 30);
            if (grows && model.TryAdd(id, id.ToString()))
            {
                list.Add(id, id.ToString());
                highest = Math.Max(highest, id.Value);
            }
            else
            {
                var gone = new ProcessId(random.NextInt64(1, highest + 3));
                list.Remove(gone);
                model.Remove(gone);
            }

            Assert.Equal(model.Count, list.Count);
            if (round % 500 == 0)
            {
                Assert.Equal(model.Values, list);
            }
        }

        Assert.Equal(model.Values, list);
    }

    [Fact]
    public void Who_changes_it_while_walking_along_it_is_stopped()
    {
        var list = new InOrder<string>();
        list.Add(new ProcessId(1), "one");
        list.Add(new ProcessId(2), "two");
        Assert.Throws<System.Diagnostics.UnreachableException>(() =>
        {
            foreach (string _ in list)
            {
                list.Remove(new ProcessId(2));
            }
        });
    }
}
