using UnityEditor;

/// <summary>Shows errors below the settings.</summary>
[CustomEditor(typeof(ArrTokenSettings))]
public class ArrTokenSettingsEditor : Editor
{
    public override void OnInspectorGUI()
    {
        DrawDefaultInspector();
        foreach (var problem in ((ArrTokenSettings)target).Problems())
            EditorGUILayout.HelpBox(problem, MessageType.Error);
    }
}
