using Tars.Base;

namespace Tars.Sim.Swarm;

/// <summary>One thing that happens to a swarm from outside.</summary>
/// <param name="Number">Counted from one in its plan; what it sets off is known by it.</param>
/// <param name="Agent">Whom it is for.</param>
/// <param name="First">What else was drawn, for the kind to use.</param>
/// <param name="Second">The same.</param>
/// <param name="Pause">Nanoseconds that go by before it.</param>
/// <param name="Jump">Nanoseconds that the wall clock jumps before it.</param>
/// <param name="Rest">Steps that the kernel gets after it before the next.</param>
internal sealed record Stimulus(
    int Number,
    StimulusKind Kind,
    int Agent,
    int First,
    int Second,
    long Pause,
    long Jump,
    int Rest,
    Order Order);

/// <summary>What may happen from outside.</summary>
internal enum StimulusKind
{
    Order,
    Note,
    Lines,
    Words,
    Bell,
    Set,
    Revoke,
    Grant,
    StopProcess,
    DeliverDead,
    DropDead,
    PowerCut,
    Swap,
    Look,
    Answer,
    Ask,
    Request,
    Crash,
    Wait,
}

/// <summary>What an agent is told to do; the fields of the record of that name in the swarm's module.</summary>
/// <param name="Act">One of <see cref="Act"/>.</param>
internal sealed record Order(Act Act, int To, int Count, int Size, int Give)
{
    private static readonly Act[] _acts =
    [
        Act.Tell, Act.Tell, Act.Tell, Act.Tell, Act.Publish, Act.Publish, Act.Ask, Act.Ask, Act.Ask, Act.Spawn,
        Act.TellChildren, Act.After, Act.After, Act.Every, Act.Cancel, Act.Trap, Act.Trap, Act.Draw, Act.AskDevice,
        Act.AskDevice, Act.AskDevice, Act.Sum,
    ];

    public static Order Draw(Xoshiro256 random)
    {
        var act = random.Next(200) == 0 ? Act.Exit : _acts[random.Next(_acts.Length)];
        int give = act switch
        {
            Act.Ask => random.Next(3) == 0 ? 1 + random.Next(3) : 0,
            Act.Trap => random.Next(40) == 0 ? 6 : random.Next(6), // Six is deep, and a trap there is dear.
            _ => random.Next(12) == 0 ? 1 : random.Next(60) == 0 ? 2 : 0,
        };
        return new Order(act, random.Next(2), 1 + random.Next(6), random.Next(3) * random.Next(9), give);
    }
}

/// <summary>What an order may say; the numbers stand in the swarm's module.</summary>
internal enum Act
{
    Tell = 0,
    Publish = 1,
    Ask = 2,
    Spawn = 3,
    TellChildren = 4,
    After = 5,
    Every = 6,
    Cancel = 7,
    Trap = 8,
    Draw = 9,
    Exit = 10,
    AskDevice = 11,
    Sum = 12,
}
