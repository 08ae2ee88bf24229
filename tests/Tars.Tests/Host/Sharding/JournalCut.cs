using Tars.Host.Journal;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Host.Sharding;

/// <summary>Journals that end too soon, as after a kill.</summary>
internal static class JournalCut
{
    /// <summary>Leaves of a journal what stands before the first event of a kind, which there is.</summary>
    public static void Before<TEvent>(string file)
        where TEvent : KernelEvent
    {
        byte[] octets = File.ReadAllBytes(file);
        Assert.True(Has<TEvent>(octets, octets.Length));
        var (least, most) = (0, octets.Length);
        while (1 < most - least)
        {
            int half = (least + most) / 2;
            (least, most) = Has<TEvent>(octets, half) ? (least, half) : (half, most);
        }

        File.WriteAllBytes(file, octets[..least]);
    }

    private static bool Has<TEvent>(byte[] octets, int length)
    {
        using var reader = new JournalReader(new MemoryStream(octets, 0, length));
        bool isThere = false;
        for (var next = reader.Begin() is null ? null : reader.Next(); next is not null && !isThere;)
        {
            isThere = next is JournalRecord.Happened { Event: TEvent };
            next = reader.Next();
        }

        return isThere;
    }
}
