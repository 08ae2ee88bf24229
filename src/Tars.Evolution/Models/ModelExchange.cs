namespace Tars.Evolution.Models;

/// <summary>One question to a model and what came back, as a run keeps it and another can replay it.</summary>
public sealed record ModelExchange(ModelAsk Ask, ModelAnswer Answer);
