using Tars.Devices.Serve;
using Tars.Host.Sharding;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Host;

/// <summary>What came from outside and waits for the kernel: lines of an input, the answer or event of a device, or a
/// request.</summary>
/// <param name="Reader">Of lines; else null.</param>
/// <param name="Feed">Of an event; else null.</param>
/// <param name="Place">How far the input is read with these lines, or of which store this is the first change.</param>
/// <param name="Ask">The number of the ask that is answered.</param>
/// <param name="Request">Null for anything else.</param>
/// <param name="Mail">Of another shard; else null.</param>
/// <param name="Command">Of the run itself, for one of its shards; else null.</param>
internal readonly record struct Arrival(
    InputReader? Reader,
    EventFeed? Feed,
    LineBatch? Batch,
    InputPlace? Place,
    DeviceAnswer? Answer,
    long Ask,
    Exchange? Request,
    ShardMail? Mail,
    ShardCommand? Command)
{
    public static Arrival Lines(InputReader reader, LineBatch batch, InputPlace place) => default(Arrival) with
    {
        Reader = reader,
        Batch = batch,
        Place = place,
    };

    public static Arrival Happened(EventFeed feed, LineBatch batch) => default(Arrival) with
    {
        Feed = feed,
        Batch = batch,
    };

    public static Arrival Answered(long ask, DeviceAnswer? answer, InputPlace? changed) => default(Arrival) with
    {
        Ask = ask,
        Answer = answer,
        Place = changed,
    };

    public static Arrival FromShard(ShardMail mail) => default(Arrival) with { Mail = mail };

    public static Arrival Commanded(ShardCommand command) => default(Arrival) with { Command = command };

    public static Arrival Requested(Exchange request) => default(Arrival) with { Request = request };
}
