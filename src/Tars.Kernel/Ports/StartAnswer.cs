namespace Tars.Kernel.Ports;

/// <summary>What Start answers: the result, or that it comes later as an event GuestDone.</summary>
/// <param name="Running">True when the guest runs elsewhere; then <paramref name="Result"/> says nothing.</param>
public readonly record struct StartAnswer(bool Running, GuestResult Result)
{
    public static StartAnswer Later => new(Running: true, default);

    public static StartAnswer Done(GuestResult result) => new(Running: false, result);
}
