namespace Fairlead.Inference.Routers.Auto;

/// <summary>What a request is about, as far as the choice of a model goes. The auto router has a ranked list of models for each.</summary>
internal enum TaskType
{
    /// <summary>Everything else: talk, writing, translation, facts.</summary>
    Chat,
    /// <summary>Writing, reading or mending programs.</summary>
    Code,
    /// <summary>Calculation and proof.</summary>
    Math,
    /// <summary>A long prompt.</summary>
    LongContext,
    /// <summary>Pictures or film to look at.</summary>
    Vision,
    /// <summary>Tools to call.</summary>
    Tools,
}

internal static class TaskTypes
{
    public const int Count = (int)TaskType.Tools + 1;

    /// <summary>The word in the configuration and in metadata.</summary>
    public static string Name(TaskType task) => task switch
    {
        TaskType.Code => "code",
        TaskType.Math => "math",
        TaskType.LongContext => "long_context",
        TaskType.Vision => "vision",
        TaskType.Tools => "tools",
        _ => "chat",
    };
}
