namespace Fairlead.Accounts;

/// <summary>A value to set, where null would not tell "set to nothing" from "leave".</summary>
public readonly record struct NewValue<T>(T Value);
