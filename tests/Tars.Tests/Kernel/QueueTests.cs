using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel;
using Tars.Kernel.Ipc;
using Tars.Kernel.Linking;
using Tars.Kernel.Timers;
using Xunit;

namespace Tars.Tests.Kernel;

/// <summary>
/// The kernel's own structures behave as the simplest model of them does, and its limits fit together.
/// </summary>
public sealed class QueueTests
{
    [Fact]
    public void A_mailbox_is_a_queue_from_which_some_are_withdrawn()
    {
        var random = new Xoshiro256(81);
        var mailbox = new Mailbox();
        var model = new List<(int Handler, byte[] Payload, bool Withdrawn)>();
        for (int step = 0; step < 50_000; step++)
        {
            int choice = random.Next(10);
            if (choice < 5 && model.Count < 300)
            {
                byte[] payload = [.. Enumerable.Range(0, random.Next(40)).Select(_ => (byte)random.Next(256))];
                mailbox.Push(new Mail { Kind = MailKind.Message, Handler = step }, payload);
                model.Add((step, payload, false));
            }
            else if (choice < 8 && 0 < model.Count)
            {
                while (0 < mailbox.Count && mailbox.At(0).Kind == MailKind.Withdrawn)
                {
                    mailbox.Pop();
                }

                model.RemoveAll(one => one.Withdrawn);
                if (0 < model.Count)
                {
                    Assert.Equal(model[0].Handler, mailbox.At(0).Handler);
                    Assert.Equal(model[0].Payload, mailbox.FirstPayload.ToArray());
                    mailbox.Pop();
                    model.RemoveAt(0);
                }
            }
            else if (0 < mailbox.Count)
            {
                int index = random.Next(mailbox.Count);
                ref var mail = ref mailbox.At(index);
                if (mail.Kind == MailKind.Message)
                {
                    int handler = mail.Handler;
                    int at = model.FindIndex(one => one.Handler == handler);
                    model[at] = model[at] with { Withdrawn = true };
                    mailbox.Withdraw(index);
                }
            }

            Assert.Equal(model.Count(one => !one.Withdrawn), mailbox.Messages);
            Assert.Equal(model.Where(one => !one.Withdrawn).Sum(one => one.Payload.Length), mailbox.PayloadBytes);
        }
    }

    [Fact]
    public void Timers_come_out_by_due_time_and_then_by_age()
    {
        var random = new Xoshiro256(82);
        var heap = new TimerHeap();
        var timers = Enumerable.Range(0, 100).Select(index => new TimerEntry(owner: null!, index)).ToArray();
        for (int step = 0; step < 20_000; step++)
        {
            var timer = timers[random.Next(timers.Length)];
            if (random.Next(3) == 0)
            {
                heap.Remove(timer);
            }
            else
            {
                heap.Set(timer, random.Next(50), period: 0);
            }

            var set = timers.Where(one => 0 <= one.HeapPlace).ToArray();
            Assert.Equal(set.Length, heap.Count);
            Assert.Equal(set.OrderBy(one => one.Due).ThenBy(one => one.Serial).FirstOrDefault(), heap.First);
        }
    }

    [Theory]
    [InlineData("a/+", "a/b", true)]
    [InlineData("a/+", "a/b/c", false)]
    [InlineData("+/b", "a/+", true)]
    [InlineData("a/b", "a/c", false)]
    public void Patterns_contradict_when_a_channel_matches_both_and_their_types_differ(
        string left, string right, bool overlap)
    {
        Assert.Equal(overlap ? 1 : 0, Contradictions(left, right, new SchemaType.Int()).Count);
        Assert.Equal(overlap ? 1 : 0, Contradictions(right, left, new SchemaType.Int()).Count);
        Assert.Empty(Contradictions(left, right, new SchemaType.Text()));
    }

    [Fact]
    public void A_pattern_contradicts_the_same_others_as_when_each_pair_is_compared()
    {
        var random = new Xoshiro256(7);
        var index = new ChannelIndex();
        var all = new List<ChannelImage>();
        for (int round = 0; round < 400; round++)
        {
            var segments = Enumerable.Range(0, 1 + random.Next(3)).Select(_ => "abc+"[random.Next(4)].ToString());
            SchemaType type = random.Next(8) == 0 ? new SchemaType.Int() : new SchemaType.Text();
            var channel = new ChannelImage("m", new ChannelPattern(string.Join('/', segments)), type);
            var found = new List<ChannelImage>();
            index.Add(channel, found, int.MaxValue);
            var wanted = all.Where(other => !other.Type.Equals(type) && Overlap(other.Pattern, channel.Pattern));
            Assert.True(new HashSet<ChannelImage>(wanted).SetEquals(found));
            all.Add(channel);
        }
    }

    private static List<ChannelImage> Contradictions(string first, string second, SchemaType type)
    {
        var index = new ChannelIndex();
        var found = new List<ChannelImage>();
        index.Add(new ChannelImage("m", new ChannelPattern(first), new SchemaType.Text()), found, 9);
        index.Add(new ChannelImage("m", new ChannelPattern(second), type), found, 9);
        return found;
    }

    private static bool Overlap(ChannelPattern left, ChannelPattern right) =>
        left.Segments.Length == right.Segments.Length
        && left.Segments.Zip(right.Segments).All(pair =>
            pair.First == pair.Second || pair.First == "+" || pair.Second == "+");

    [Fact]
    public void Limits_fit_together()
    {
        Assert.True(Limits.BatchBytesMax < Limits.PayloadBytesMax);
        Assert.True(Limits.PayloadBytesMax < Limits.MemoryDefault);
        Assert.True(Limits.DeadLetterBytesMax < Limits.BatchBytesMax);
        Assert.True(Limits.MailboxLengthDefault <= Limits.OutboxLengthMax);
        Assert.True(Limits.BatchesPerStepMax < Limits.StopBatchesMax);
        Assert.True(Limits.CapPlacesMax < Limits.ProcessesMax);
    }
}
